#include "model/tensor_bank.h"

#include <cstring>
#include <utility>

#include "nnrun/error.h"

namespace nnrun {
namespace {

constexpr int64_t kAlignment = 16;  // entries: every tensor begins at a cache line

int64_t aligned(int64_t entries) { return (entries + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

TensorBank::TensorBank(std::vector<ParameterSpec> specs, at::Device device, double fill)
    : specs_(std::move(specs)) {
  int64_t entries = 0;
  for (const ParameterSpec& spec : specs_) {
    offsets_.push_back(entries);
    entries += aligned(spec.elements());
  }
  flat_ = at::full({entries}, fill, at::TensorOptions(at::kFloat).device(device));
  for (size_t i = 0; i < specs_.size(); ++i) {
    tensors_.push_back(view_of(flat_, i).detach());
    index_.emplace(specs_[i].name, i);
  }
}

at::Tensor TensorBank::view_of(const at::Tensor& flat, size_t index) const {
  const ParameterSpec& spec = specs_[index];
  return flat.narrow(0, offsets_[index], spec.elements()).view(spec.shape);
}

at::Tensor TensorBank::flat_part(size_t begin, size_t end) const {
  const int64_t stop = end < offsets_.size() ? offsets_[end] : flat_.numel();
  return flat_.narrow(0, offsets_[begin], stop - offsets_[begin]);
}

const at::Tensor& TensorBank::operator[](const std::string& name) const {
  const auto found = index_.find(name);
  if (found == index_.end()) throw Error(ExitCode::kBug, "the plan has no tensor \"" + name + "\"");
  return tensors_[found->second];
}

bool TensorBank::load(std::string_view name, const Tensor& source) {
  const auto found = index_.find(std::string(name));
  if (found == index_.end()) return false;
  const at::NoGradGuard no_grad;
  const at::Tensor& target = tensors_[found->second];
  if (target.sizes() != at::IntArrayRef(source.shape)) {
    throw Error(ExitCode::kBug, "tensor \"" + source.name + "\" has another shape than the plan's");
  }
  target.copy_(at::from_blob(const_cast<float*>(source.values.data()), source.shape, at::kFloat));
  return true;
}

void TensorBank::append_to(Tensors& out, const std::string& prefix, const at::Tensor& flat) const {
  const at::Tensor host = flat.cpu();
  for (size_t i = 0; i < specs_.size(); ++i) {
    const float* const begin = host.const_data_ptr<float>() + offsets_[i];
    out.push_back({prefix + specs_[i].name, specs_[i].shape,
                   std::vector<float>(begin, begin + specs_[i].elements())});
  }
}

}  // namespace nnrun
