#pragma once

#include <algorithm>

#include "model/kernels/cpu/conv2d.h"
#include "model/kernels/cpu/recurrent_layout.h"

namespace nnrun::kernels {

/// Sizes, in rows of 16 images unless said otherwise.
struct Conv2dLayout {
  Conv2dShape s;

  /// A choice: which position of the pooling window was the largest (0 … 3, row by row; 0 without
  /// pooling), or kCut where the ReLU cut it off.
  static constexpr uint8_t kCut = 4;

  int64_t blocks() const { return (s.batch + kDocuments - 1) / kDocuments; }
  int64_t padded_height() const { return s.conv_height + s.kernel_height - 1; }
  int64_t padded_width() const { return s.conv_width + s.kernel_width - 1; }
  int64_t input_plane() const { return padded_height() * padded_width(); }
  int64_t input_rows() const { return s.channels * input_plane(); }
  int64_t output_plane() const { return s.output_height() * s.output_width(); }
  int64_t output_rows() const { return s.filters * output_plane(); }

  // The gradient at the convolution's output, with room for a kernel on both sides of each line.
  int64_t gradient_width() const { return s.conv_width + 2 * (s.kernel_width - 1); }
  int64_t gradient_plane() const { return s.conv_height * gradient_width(); }

  int64_t weight_size() const { return s.filters * s.taps(); }                      ///< floats
  int64_t partial_size() const { return round_up(weight_size() + s.filters, 16); }  ///< floats
};

/// One pass over a batch, as the blocks see it.
struct Conv2dJob {
  Conv2dLayout layout;
  const float* input = nullptr;            ///< forward: [N, C, H, W]
  const float* bias = nullptr;             ///< forward: [O padded]
  float* output = nullptr;                 ///< forward: [N, O, output]
  const float* output_gradient = nullptr;  ///< backward: [N, O, output]
  float* input_gradient = nullptr;         ///< backward: [N, C, H, W] or null
  const float* packed = nullptr;  ///< forward: filters of the tile side by side; backward: channels
  float* inputs = nullptr;        ///< tape; null when inference
  uint8_t* choices = nullptr;     ///< tape; null when inference
  float* partials = nullptr;      ///< backward

  int64_t first(int64_t block) const { return block * kDocuments; }
  int64_t used(int64_t block) const { return std::min(kDocuments, layout.s.batch - first(block)); }
  float* block_input(int64_t block) const {
    return inputs + block * layout.input_rows() * kDocuments;
  }
  uint8_t* block_choices(int64_t block) const {
    return choices + block * layout.output_rows() * kDocuments;
  }
};

// Compiled per instruction set in conv2d_{forward,backward}.cpp.

/// Floats that the packed weights of `outputs` output and `inputs` input channels take.
int64_t conv2d_packed_size(const Conv2dShape& shape, int64_t outputs, int64_t inputs);
void pack_conv2d_forward(const Conv2dShape& shape, const float* weight, float* packed);
void pack_conv2d_backward(const Conv2dShape& shape, const float* weight, float* packed);
void conv2d_block_forward(const Conv2dJob& job, int64_t block);
void conv2d_block_backward(const Conv2dJob& job, int64_t block);

}  // namespace nnrun::kernels
