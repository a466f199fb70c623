#pragma once

#include <torch/torch.h>

#include <vector>

#include "model/optimizer_forms.h"

namespace nnrun {

/// How an optimizer's arithmetic is carried out.
class OptimizerBackend {
 public:
  virtual ~OptimizerBackend() = default;
  virtual void update(const UpdateStep& step, const UpdateTensors& variable) const = 0;

  /// Scales the gradients so that their common norm is at most `limit`.
  virtual void clip_norm(const std::vector<at::Tensor>& gradients, double limit) const = 0;
};

/// LibTorch's operations: any device, and the reference of the fused loops.
const OptimizerBackend& tensor_backend();

/// The fastest one there is for a device.
const OptimizerBackend& optimizer_backend(Kernels kernels, at::Device device);

}  // namespace nnrun
