#pragma once

#include <torch/torch.h>

#include <memory>
#include <utility>

namespace nnrun {

template <class T>
struct KeptHolder final : torch::CustomClassHolder {
  explicit KeptHolder(std::shared_ptr<T> v) : value(std::move(v)) {}
  std::shared_ptr<T> value;
};

/// Leaves an object for the backward pass of an autograd function.
template <class T>
void keep(torch::autograd::AutogradContext& context, std::shared_ptr<T> value) {
  context.saved_data["kept"] =
      c10::IValue::make_capsule(c10::make_intrusive<KeptHolder<T>>(std::move(value)));
}

template <class T>
T& kept(torch::autograd::AutogradContext& context) {
  const auto holder = context.saved_data["kept"].toCapsule();
  return *static_cast<KeptHolder<T>&>(*holder).value;
}

}  // namespace nnrun
