#pragma once

#include <cstdint>
#include <vector>

#include "model/kernels/cpu/kernels.h"

/// Max pooling of planes (an image's or a sequence's channels; a sequence has height 1).
namespace nnrun::kernels {

struct MaxPoolShape {
  int64_t planes = 0;  ///< examples times channels
  int64_t height = 1, width = 0;
  int64_t size_y = 1, size_x = 1;
  int64_t stride_y = 1, stride_x = 1;
  int64_t pad_top = 0, pad_left = 0;  ///< cells that never win
  int64_t output_height = 1, output_width = 0;

  int64_t plane() const { return height * width; }
  int64_t output_plane() const { return output_height * output_width; }
};

/// output [planes, output] = the largest value of each window; a NaN counts as the largest.
/// `choices`, unless null: its place in its plane, the first of equals.
void max_pool_forward(const MaxPoolShape& shape, const float* input, float* output,
                      int32_t* choices, const ParallelFor& parallel_for);

/// input_gradient [planes, height, width], overwritten.
void max_pool_backward(const MaxPoolShape& shape, const int32_t* choices,
                       const float* output_gradient, float* input_gradient,
                       const ParallelFor& parallel_for);

}  // namespace nnrun::kernels
