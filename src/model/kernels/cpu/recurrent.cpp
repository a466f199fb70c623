#include <algorithm>

#include "model/kernels/cpu/recurrent_job.h"
#include "model/kernels/cpu/row_products.h"

namespace nnrun::kernels {
namespace {

/// weight_ih as the tokens' products need it.
struct TokenWeights {
  float* forward;   ///< embedding: [F, row]
  float* bias;      ///< [row]
  float* backward;  ///< embedding: [row, F padded]

  TokenWeights(const RecurrentLayout& l, float* base)
      : forward(base), bias(forward + l.shape.inputs * l.row()), backward(bias + l.row()) {}
  static int64_t size(const RecurrentLayout& l) {
    return (l.shape.inputs + 1) * l.row() + l.row() * round_up(l.shape.inputs, kRowAlign);
  }
};

/// Calls visit(row of weight_ih, its column in the products' padded order).
template <class Visit>
void for_each_gate_row(const RecurrentLayout& l, const Visit& visit) {
  for (int64_t g = 0; g < l.traits.gates; ++g)
    for (int64_t u = 0; u < l.shape.units; ++u) visit(g * l.shape.units + u, g * l.units() + u);
}

void pack_token_weights(const RecurrentJob& job, const TokenWeights& packed) {
  const RecurrentLayout& l = job.layout;
  const int64_t inputs = l.shape.inputs, padded = round_up(inputs, kRowAlign);
  std::fill_n(packed.bias, l.row(), 0.f);
  for_each_gate_row(
      l, [&](int64_t row, int64_t column) { packed.bias[column] = job.weights.bias_ih[row]; });
  if (!job.input.embedding) return;
  std::fill_n(packed.forward, inputs * l.row(), 0.f);
  std::fill_n(packed.backward, l.row() * padded, 0.f);
  for_each_gate_row(l, [&](int64_t row, int64_t column) {
    for (int64_t f = 0; f < inputs; ++f) {
      const float weight = job.weights.weight_ih[row * inputs + f];
      packed.forward[f * l.row() + column] = weight;
      packed.backward[column * padded + f] = weight;
    }
  });
}

/// One-hot: a token's products are its column of weight_ih.
void copy_columns(const RecurrentJob& job, const float* bias) {
  const RecurrentLayout& l = job.layout;
  const TokenIndex& tokens = *job.input.tokens;
  for (int64_t u = 0; u < tokens.distinct(); ++u) {
    float* to = std::copy_n(bias, l.row(), job.products + u * l.row()) - l.row();
    const float* from = job.weights.weight_ih + tokens.ids[static_cast<size_t>(u)];
    for_each_gate_row(
        l, [&](int64_t row, int64_t column) { to[column] += from[row * l.shape.inputs]; });
  }
}

void compute_products(const RecurrentJob& job, const TokenWeights& weights,
                      const ParallelFor& parallel_for) {
  const RecurrentLayout& l = job.layout;
  const TokenIndex& tokens = *job.input.tokens;
  if (!job.input.embedding) return copy_columns(job, weights.bias);
  RowProduct product;
  product.rows = tokens.distinct();
  product.inner = l.shape.inputs;
  product.columns = l.row();
  product.a = {job.input.embedding, l.shape.inputs, tokens.ids.data()};
  product.b = weights.forward;
  product.bias = weights.bias;
  product.c = job.products;
  product.c_stride = l.row();
  multiply_rows(product, parallel_for);
}

RecurrentJob make_job(const RecurrentShape& shape, const RecurrentWeights& weights,
                      const RecurrentInput& input, RecurrentOutput output, Pass pass,
                      RecurrentTape& tape) {
  const RecurrentLayout l(shape, input.tokens != nullptr, pass);
  const int64_t token_weights = l.tokens ? TokenWeights::size(l) : 0;
  float* packed = tape.weights.reserve(PackedWeights::size(l) + token_weights);
  RecurrentJob job{l, weights, input, output, PackedWeights(l, packed)};
  job.blocks = tape.blocks.reserve(l.blocks() * l.block_size());
  if (l.tokens) job.products = tape.products.reserve(input.tokens->distinct() * l.row());
  return job;
}

/// The token weights follow the packed ones.
TokenWeights token_weights_of(const RecurrentJob& job, const RecurrentTape& tape) {
  return {job.layout, tape.weights.data() + PackedWeights::size(job.layout)};
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

/// One-hot: the sums over a token's positions are its column of the gradient of weight_ih.
void write_columns(const RecurrentJob& job, float* weight_ih) {
  const RecurrentLayout& l = job.layout;
  const TokenIndex& tokens = *job.input.tokens;
  for (int64_t u = 0; u < tokens.distinct(); ++u) {
    const float* from = job.products + u * l.row();
    float* to = weight_ih + tokens.ids[static_cast<size_t>(u)];
    for_each_gate_row(
        l, [&](int64_t row, int64_t column) { to[row * l.shape.inputs] = from[column]; });
  }
}

void embedding_gradients(const RecurrentJob& job, const RecurrentGradients& gradients,
                         const TokenWeights& weights, RecurrentTape& tape,
                         const ParallelFor& parallel_for) {
  const RecurrentLayout& l = job.layout;
  const TokenIndex& tokens = *job.input.tokens;
  const int64_t inputs = l.shape.inputs;
  // weight_ih, transposed: [F, row]; takes the place of the packed weights.
  RowOuterProduct outer;
  outer.rows = tokens.distinct();
  outer.inner = inputs;
  outer.columns = l.row();
  outer.a = {job.input.embedding, inputs, tokens.ids.data()};
  outer.b = {job.products, l.row()};
  outer.out = weights.forward;
  multiply_rows_transposed(outer, tape.rows, parallel_for);
  for_each_gate_row(l, [&](int64_t row, int64_t column) {
    for (int64_t f = 0; f < inputs; ++f)
      gradients.weight_ih[row * inputs + f] = weights.forward[f * l.row() + column];
  });
  if (!gradients.embedding) return;
  RowProduct product;
  product.rows = tokens.distinct();
  product.inner = l.gate_rows();
  product.columns = inputs;
  product.a = {job.products, l.row()};
  product.b = weights.backward;
  product.c = gradients.embedding;
  product.c_stride = inputs;
  product.c_ids = tokens.ids.data();
  multiply_rows(product, parallel_for);
}

}  // namespace

void recurrent_forward(const RecurrentShape& shape, const RecurrentWeights& weights,
                       const RecurrentInput& input, RecurrentOutput output, Pass pass,
                       RecurrentTape& tape, const ParallelFor& parallel_for) {
  const RecurrentJob job = make_job(shape, weights, input, output, pass, tape);
  pack_recurrent_weights(job);
  if (job.layout.tokens) {
    const TokenWeights token_weights = token_weights_of(job, tape);
    pack_token_weights(job, token_weights);
    compute_products(job, token_weights, parallel_for);
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
  sum_rows_by_token(*input.tokens, job.rows, l.row(), job.products, tape.partials, parallel_for);
  if (input.embedding)
    embedding_gradients(job, gradients, token_weights_of(job, tape), tape, parallel_for);
  else
    write_columns(job, gradients.weight_ih);
}

}  // namespace nnrun::kernels
