#pragma once

#include "model/kernels/cpu/conv2d_layout.h"

namespace nnrun::kernels {

/// One pass over a batch. The forward pass works on blocks of 16 images, the backward pass image by
/// image on parts of the batch, each of which keeps its share of the weights' gradients.
struct Conv2dJob {
  Conv2dLayout layout;
  const float* input = nullptr;            ///< [N, C, H, W]
  const float* bias = nullptr;             ///< forward: [O padded]
  float* output = nullptr;                 ///< forward: [N, O, output]
  const float* output_gradient = nullptr;  ///< backward: [N, O, output]
  float* input_gradient = nullptr;         ///< backward: [N, C, H, W] or null
  const float* packed = nullptr;  ///< forward: filters of a tile side by side; backward: patches
  float* choices = nullptr;       ///< [N, O, output]; null when inference
  float* partials = nullptr;      ///< backward: per part [O, patch] and [O]: weights and biases

  int64_t first(int64_t block) const { return block * kDocuments; }
  int64_t used(int64_t block) const { return std::min(kDocuments, layout.s.batch - first(block)); }

  int64_t parts() const { return std::min(kMostParts, layout.blocks()); }
  int64_t part_begin(int64_t part) const { return layout.s.batch * part / parts(); }  // an image
  Conv2dPatches input_patches() const { return {layout, Conv2dPatches::Of::kInput}; }
  Conv2dPatches gradient_patches() const { return {layout, Conv2dPatches::Of::kGradient}; }
  int64_t partial_size() const {  // floats
    return layout.s.filters * input_patches().patch() + round_up(layout.s.filters, 16);
  }

 private:
  static constexpr int64_t kMostParts = 16;
};

// Compiled per instruction set in conv2d_{forward,weight_gradient,input_gradient}.cpp.

/// Floats that the packed weights of the forward pass take.
int64_t conv2d_packed_size(const Conv2dShape& shape);
void pack_conv2d_forward(const Conv2dShape& shape, const float* weight, float* packed);
void conv2d_block_forward(const Conv2dJob& job, int64_t block);
void conv2d_part_weight_gradient(const Conv2dJob& job, int64_t part);
void conv2d_part_input_gradient(const Conv2dJob& job, int64_t part);

}  // namespace nnrun::kernels
