#pragma once

#include <cstdint>

/// The backward pass of y = x W^T + b in one launch, for layers that are too small for a library's
/// products: at most kNnrunDenseOutputs outputs and kNnrunDenseWeights weights. The sums over the
/// rows come in an order that the shapes alone decide.
extern "C" {

enum { kNnrunDenseOutputs = 64, kNnrunDenseWeights = 1 << 15 };

struct NnrunDense {
  const float* input;            ///< [rows, inputs]
  const float* weight;           ///< [outputs, inputs]
  const float* output_gradient;  ///< [rows, outputs]
  int64_t rows, inputs, outputs;
  float* input_gradient;   ///< [rows, inputs], or null
  float* weight_gradient;  ///< [outputs, inputs]
  float* bias_gradient;    ///< [outputs]
};

const char* nnrun_cuda_dense_backward(const NnrunDense* job, void* stream);

}  // extern "C"
