#include "model/kernels/cpu/conv2d.h"

#include <algorithm>

#include "model/kernels/cpu/conv2d_job.h"

namespace nnrun::kernels {
namespace {

constexpr int64_t kTileRoom = 8;  // filters that a tile may read beyond the last

/// to[o][patch] = weight[o][c][y][x], 0 where a patch is longer than the kernel.
void pack_patches(const Conv2dPatches& p, const float* weight, float* to) {
  const Conv2dShape& s = p.l.s;
  std::fill_n(to, s.filters * p.patch(), 0.f);
  for (int64_t o = 0; o < s.filters; ++o, to += p.patch())
    for (int64_t c = 0; c < s.channels; ++c)
      for (int64_t y = 0; y < s.kernel_height; ++y)
        for (int64_t x = 0; x < s.kernel_width; ++x) to[p.at(c, y, x)] = *weight++;
}

void unpack_patch(const Conv2dPatches& p, const float* patch, float* weight) {
  const Conv2dShape& s = p.l.s;
  for (int64_t c = 0; c < s.channels; ++c)
    for (int64_t y = 0; y < s.kernel_height; ++y)
      for (int64_t x = 0; x < s.kernel_width; ++x) *weight++ = patch[p.at(c, y, x)];
}

/// Adds the parts' shares of filter `o` in order into the first and copies them to their places.
void reduce_partials(const Conv2dJob& job, int64_t o, const Conv2dGradients& gradients) {
  const Conv2dPatches p = job.input_patches();
  float* const patch = job.partials + o * p.patch();
  float* const bias = job.partials + p.l.s.filters * p.patch() + o;
  for (int64_t part = 1; part < job.parts(); ++part) {
    const int64_t share = part * job.partial_size();
    for (int64_t i = 0; i < p.patch(); ++i) patch[i] += patch[share + i];
    *bias += bias[share];
  }
  unpack_patch(p, patch, gradients.weight + o * p.l.s.taps());
  gradients.bias[o] = *bias;
}

}  // namespace

void conv2d_forward(const Conv2dShape& shape, const float* weight, const float* bias,
                    const float* input, float* output, Pass pass, Conv2dTape& tape,
                    const ParallelFor& parallel_for) {
  Conv2dJob job{{shape}};
  const Conv2dLayout& l = job.layout;
  const int64_t weights = conv2d_packed_size(shape);
  float* packed = tape.weights.reserve(weights + shape.filters + kTileRoom);
  pack_conv2d_forward(shape, weight, packed);
  std::fill_n(std::copy_n(bias, shape.filters, packed + weights), kTileRoom, 0.f);
  job.packed = packed;
  job.bias = packed + weights;
  job.input = input;
  job.output = output;
  if (pass == Pass::kTraining) job.choices = tape.choices.reserve(shape.batch * l.output_rows());
  parallel_for(l.blocks(), [&](int64_t block) { conv2d_block_forward(job, block); });
}

void conv2d_backward(const Conv2dShape& shape, const float* weight, const float* input,
                     const float* output_gradient, const Conv2dGradients& gradients,
                     Conv2dTape& tape, const ParallelFor& parallel_for) {
  Conv2dJob job{{shape}};
  if (gradients.input) {
    const Conv2dPatches patches = job.gradient_patches();
    float* packed = tape.weights.reserve(shape.filters * patches.patch());
    pack_patches(patches, weight, packed);
    job.packed = packed;
  }
  job.input = input;
  job.output_gradient = output_gradient;
  job.input_gradient = gradients.input;
  job.choices = tape.choices.data();
  job.partials = tape.partials.reserve(job.parts() * job.partial_size());
  parallel_for(job.parts(), [&](int64_t part) {
    conv2d_part_weight_gradient(job, part);
    if (job.input_gradient) conv2d_part_input_gradient(job, part);
  });
  parallel_for(shape.filters, [&](int64_t o) { reduce_partials(job, o, gradients); });
}

}  // namespace nnrun::kernels
