#pragma once

#include <torch/torch.h>

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nnrun/engine.h"
#include "nnrun/plan.h"

namespace nnrun {

/// Named float32 tensors in one flat buffer: the weights of a model, or one optimizer slot of them.
/// To remember or to restore all of them is one copy of the buffer.
///   TensorBank weights(plan.all_parameters(), at::kCPU);
///   weights["C1.weight"];  // [90, 3, 9, 9], a view of weights.flat()
class TensorBank {
 public:
  /// Every entry starts as `fill`.
  TensorBank(std::vector<ParameterSpec> specs, at::Device device, double fill = 0);

  const at::Tensor& operator[](const std::string& name) const;  ///< throws Error (a bug)
  const std::vector<ParameterSpec>& specs() const { return specs_; }
  const std::vector<at::Tensor>& tensors() const { return tensors_; }  ///< as specs()
  const at::Tensor& flat() const { return flat_; }
  /// The part of flat() that holds the tensors [begin, end), and what lies between them, which is
  /// nobody's.
  at::Tensor flat_part(size_t begin, size_t end) const;

  /// Copies host values in. False: no tensor of this name here. Throws Error for another shape.
  bool load(std::string_view name, const Tensor& source);

  /// Appends all tensors as host values, read from `flat` (a copy of flat()), with `prefix` before
  /// the names.
  void append_to(Tensors& out, const std::string& prefix, const at::Tensor& flat) const;

 private:
  at::Tensor view_of(const at::Tensor& flat, size_t index) const;

  std::vector<ParameterSpec> specs_;
  std::vector<int64_t> offsets_;  // into the flat buffer, in entries
  at::Tensor flat_;
  std::vector<at::Tensor> tensors_;
  std::unordered_map<std::string, size_t> index_;
};

}  // namespace nnrun
