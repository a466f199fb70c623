#pragma once

#include <torch/torch.h>

#include <vector>

#include "model/kernels/cpu/kernels.h"
#include "model/layer.h"

namespace nnrun {

/// A layer whose forward and backward passes are kernels: `run` wraps them into one node of
/// autograd. Keeps what the forward pass leaves for the backward pass, so each forward pass must be
/// followed by its own.
class KernelLayer : public Layer {
 public:
  /// The output for `inputs`: what the layer reads and can have gradients, undefined tensors among
  /// them.
  virtual at::Tensor compute(at::TensorList inputs, kernels::Pass pass) = 0;

  /// The gradients of `inputs` after a training pass; undefined where none is wanted.
  virtual std::vector<at::Tensor> gradients(at::TensorList inputs,
                                            const at::Tensor& output_gradient) = 0;

 protected:
  at::Tensor run(const std::vector<at::Tensor>& inputs);
};

/// kernels::ParallelFor over LibTorch's threads.
void parallel_pieces(int64_t count, const std::function<void(int64_t)>& piece);

/// Where the gradient of a variable is wanted: its grad(), or else a new tensor. Holds anything.
at::Tensor gradient_place(const at::Tensor& variable);

/// Row-major entries of a float32 tensor; null for an undefined one.
const float* data_of(const at::Tensor& tensor);
float* mutable_data_of(const at::Tensor& tensor);

}  // namespace nnrun
