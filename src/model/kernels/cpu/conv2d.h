#pragma once

#include <cstdint>
#include <vector>

#include "model/kernels/cpu/kernels.h"

/// Convolution of images with bias, ReLU and 2 x 2 max pooling in one pass, stride 1. Sixteen
/// images lie side by side in a vector, so that any number of channels, 3 as well as 90, runs at
/// full width, and what follows the sum happens in registers. Axes: N images, C channels, O
/// filters, K kernel cells.
namespace nnrun::kernels {

struct Conv2dShape {
  int64_t batch = 0;              ///< N
  int64_t channels = 0;           ///< C
  int64_t height = 0, width = 0;  ///< of the input
  int64_t filters = 0;            ///< O
  int64_t kernel_height = 0, kernel_width = 0;
  int64_t pad_top = 0,
          pad_left = 0;  ///< zeros; what lies below and to the right follows from the outputs
  int64_t conv_height = 0, conv_width = 0;  ///< of the convolution's output
  bool relu = false;
  bool pool = false;  ///< max pooling 2 x 2, stride 2, VALID, after the ReLU

  int64_t window() const { return pool ? 2 : 1; }
  int64_t output_height() const { return conv_height / window(); }
  int64_t output_width() const { return conv_width / window(); }
  int64_t taps() const { return channels * kernel_height * kernel_width; }
};

/// Gradients, overwritten.
struct Conv2dGradients {
  float* weight = nullptr;  ///< [O, C, KH, KW]
  float* bias = nullptr;    ///< [O]
  float* input = nullptr;   ///< [N, C, H, W], or null when not wanted
};

/// What the forward pass leaves for the backward pass; one per layer, reused from step to step.
struct Conv2dTape {
  Buffer weights;   ///< packed in the order in which the kernels read them
  Buffer choices;   ///< [N, O, output]: see Conv2dLayout::kCut
  Buffer partials;  ///< per part: its share of the gradients
};

/// output [N, O, output height, output width] = pool(relu(conv(input, weight) + bias)).
void conv2d_forward(const Conv2dShape& shape, const float* weight, const float* bias,
                    const float* input, float* output, Pass pass, Conv2dTape& tape,
                    const ParallelFor& parallel_for);

/// Follows a training forward pass of the same shape, weight and input. Only values of the output
/// that pooling chose and the ReLU let through take part: a quarter of the work or less.
void conv2d_backward(const Conv2dShape& shape, const float* weight, const float* input,
                     const float* output_gradient, const Conv2dGradients& gradients,
                     Conv2dTape& tape, const ParallelFor& parallel_for);

}  // namespace nnrun::kernels
