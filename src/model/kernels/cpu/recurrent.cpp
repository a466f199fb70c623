#include <algorithm>
#include <vector>

#include "model/kernels/cpu/recurrent_job.h"
#include "model/kernels/cpu/row_products.h"
#include "model/kernels/cpu/token_products.h"

namespace nnrun::kernels {
namespace {

/// weight_ih as the tokens' products need it: gates padded as in the blocks.
TokenWeight token_weight(const RecurrentLayout& l) {
  TokenWeight layout;
  layout.features = l.shape.inputs;
  layout.feature_stride = 1;
  layout.offsets.assign(static_cast<size_t>(l.row()), -1);
  for (int64_t g = 0; g < l.traits.gates; ++g)
    for (int64_t u = 0; u < l.shape.units; ++u)
      layout.offsets[static_cast<size_t>(g * l.units() + u)] =
          (g * l.shape.units + u) * l.shape.inputs;
  return layout;
}

/// bias_ih as the first row of the tokens' products.
std::vector<float> padded_bias(const RecurrentLayout& l, const float* bias) {
  std::vector<float> row(static_cast<size_t>(l.row()), 0.f);
  for (int64_t g = 0; g < l.traits.gates; ++g)
    std::copy_n(bias + g * l.shape.units, l.shape.units, row.begin() + g * l.units());
  return row;
}

RecurrentJob make_job(const RecurrentShape& shape, const RecurrentWeights& weights,
                      const RecurrentInput& input, RecurrentOutput output, Pass pass,
                      RecurrentTape& tape) {
  const RecurrentLayout l(shape, input.tokens != nullptr, pass);
  float* packed = tape.weights.reserve(PackedWeights::size(l));
  RecurrentJob job{l, weights, input, output, PackedWeights(l, packed)};
  job.blocks = tape.blocks.reserve(l.blocks() * l.block_size());
  return job;
}

/// Adds the blocks' shares in order into the first and copies them to their places.
void reduce_partials(const RecurrentJob& job, const RecurrentGradients& gradients) {
  const RecurrentLayout& l = job.layout;
  float* total = job.partials;
  for (int64_t b = 1; b < l.blocks(); ++b) {
    const float* partial = job.partials + b * l.partial_size();
    for (int64_t i = 0; i < l.partial_size(); ++i) total[i] += partial[i];
  }
  const PartialGradients sums(l, total);
  std::copy_n(sums.weight_hh, l.weight_hh_size(), gradients.weight_hh);
  std::copy_n(sums.bias_ih, l.bias_size(), gradients.bias_ih);
  if (gradients.bias_hh) std::copy_n(sums.bias_hh, l.bias_size(), gradients.bias_hh);
  if (!l.tokens) std::copy_n(sums.weight_ih, l.weight_ih_size(), gradients.weight_ih);
}

}  // namespace

void recurrent_forward(const RecurrentShape& shape, const RecurrentWeights& weights,
                       const RecurrentInput& input, RecurrentOutput output, Pass pass,
                       RecurrentTape& tape, const ParallelFor& parallel_for) {
  RecurrentJob job = make_job(shape, weights, input, output, pass, tape);
  pack_recurrent_weights(job);
  if (input.tokens) {
    const std::vector<float> bias = padded_bias(job.layout, weights.bias_ih);
    job.products = multiply_tokens(token_weight(job.layout), weights.weight_ih, bias.data(),
                                   *input.tokens, input.embedding, tape.tokens, parallel_for);
  }
  parallel_for(job.layout.blocks(), [&](int64_t index) { recurrent_block_forward(job, index); });
}

void recurrent_backward(const RecurrentShape& shape, const RecurrentWeights& weights,
                        const RecurrentInput& input, RecurrentOutput output_gradient,
                        const RecurrentGradients& gradients, RecurrentTape& tape,
                        const ParallelFor& parallel_for) {
  RecurrentJob job = make_job(shape, weights, input, output_gradient, Pass::kTraining, tape);
  const RecurrentLayout& l = job.layout;
  job.partials = tape.partials.reserve(l.blocks() * l.partial_size());
  job.input_gradient = gradients.input;
  if (l.tokens) job.rows = tape.rows.reserve(shape.batch * shape.length * l.row());
  parallel_for(l.blocks(), [&](int64_t index) { recurrent_block_backward(job, index); });
  reduce_partials(job, gradients);
  if (!l.tokens) return;
  const PositionRows rows{job.rows, l.row(), static_cast<int32_t>(shape.length), l.row(),
                          shape.batch * l.row()};
  sum_rows_by_token(*input.tokens, rows, tape.tokens.products.data(), tape.tokens.scratch,
                    parallel_for);
  token_gradients(token_weight(l), *input.tokens, input.embedding, gradients.weight_ih,
                  gradients.embedding, tape.tokens, parallel_for);
}

}  // namespace nnrun::kernels
