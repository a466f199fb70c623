#pragma once

#include <torch/torch.h>

#include "model/meter.h"

namespace nnrun {

/// Where a batch's backward pass begins: at `output`, whose gradient is this (undefined: 1).
struct LossRoot {
  at::Tensor output, gradient;
};

/// Softmax cross-entropy, mean over the batch: logits [n, classes], labels [n] int64. Adds the
/// batch to the meter.
using LossForm = LossRoot(const at::Tensor& logits, const at::Tensor& labels, Meter& meter);

/// LibTorch's operations: any device, and the reference of the other forms.
LossForm tensor_loss;

/// The fastest one there is for a device without the CUDA half.
LossForm* loss_form(Kernels kernels, at::Device device);

}  // namespace nnrun
