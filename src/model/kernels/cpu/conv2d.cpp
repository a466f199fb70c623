#include "model/kernels/cpu/conv2d.h"

#include <algorithm>

#include "model/kernels/cpu/conv2d_job.h"

namespace nnrun::kernels {
namespace {

constexpr int64_t kTileRoom = 8;  // filters that a tile may read beyond the last

/// Adds the blocks' shares in order into the first and copies them to their places.
void reduce_partials(const Conv2dJob& job, const Conv2dGradients& gradients) {
  const Conv2dLayout& l = job.layout;
  const int64_t size = l.weight_size() + l.s.filters;
  for (int64_t block = 1; block < l.blocks(); ++block) {
    const float* partial = job.partials + block * l.partial_size();
    for (int64_t i = 0; i < size; ++i) job.partials[i] += partial[i];
  }
  std::copy_n(job.partials, l.weight_size(), gradients.weight);
  std::copy_n(job.partials + l.weight_size(), l.s.filters, gradients.bias);
}

}  // namespace

void conv2d_forward(const Conv2dShape& shape, const float* weight, const float* bias,
                    const float* input, float* output, Pass pass, Conv2dTape& tape,
                    const ParallelFor& parallel_for) {
  Conv2dJob job{{shape}};
  const Conv2dLayout& l = job.layout;
  const int64_t weights = conv2d_packed_size(shape, shape.filters, shape.channels);
  float* packed = tape.weights.reserve(weights + shape.filters + kTileRoom);
  pack_conv2d_forward(shape, weight, packed);
  std::fill_n(std::copy_n(bias, shape.filters, packed + weights), kTileRoom, 0.f);
  job.packed = packed;
  job.bias = packed + weights;
  job.input = input;
  job.output = output;
  if (pass == Pass::kTraining) {
    job.inputs = tape.inputs.reserve(l.blocks() * l.input_rows() * kDocuments);
    const auto size = static_cast<size_t>(l.blocks() * l.output_rows() * kDocuments);
    tape.choices.resize(std::max(tape.choices.size(), size));
    job.choices = tape.choices.data();
  }
  parallel_for(l.blocks(), [&](int64_t block) { conv2d_block_forward(job, block); });
}

void conv2d_backward(const Conv2dShape& shape, const float* weight, const float* output_gradient,
                     const Conv2dGradients& gradients, Conv2dTape& tape,
                     const ParallelFor& parallel_for) {
  Conv2dJob job{{shape}};
  const Conv2dLayout& l = job.layout;
  if (gradients.input) {
    float* packed = tape.weights.reserve(conv2d_packed_size(shape, shape.channels, shape.filters));
    pack_conv2d_backward(shape, weight, packed);
    job.packed = packed;
  }
  job.output_gradient = output_gradient;
  job.input_gradient = gradients.input;
  job.inputs = tape.inputs.data();
  job.choices = tape.choices.data();
  job.partials = tape.partials.reserve(l.blocks() * l.partial_size());
  parallel_for(l.blocks(), [&](int64_t block) { conv2d_block_backward(job, block); });
  reduce_partials(job, gradients);
}

}  // namespace nnrun::kernels
