#pragma once

#include <vector>

#include "model/kernels/cpu/kernels.h"

/// A weight applied to tokens: each distinct token's products are computed once per batch and
/// looked up wherever it occurs; on the way back the gradients are summed per token first.
namespace nnrun::kernels {

/// Which entry of a weight meets feature f in column c of a token's row: offsets[c] + f *
/// feature_stride.
struct TokenWeight {
  int64_t features = 0;  ///< F; one-hot: the depth
  int64_t feature_stride = 0;
  std::vector<int64_t> offsets;  ///< [row], a multiple of 16; -1: a column of padding

  int64_t row() const { return static_cast<int64_t>(offsets.size()); }
};

/// products[u, c] = bias[c] + sum over f of weight(c, f) * x[f], x the embedding's row of token u
/// or, without an embedding, its one-hot vector. `bias` is [row] or null. Returns the products, [U,
/// row].
float* multiply_tokens(const TokenWeight& layout, const float* weight, const float* bias,
                       const TokenIndex& tokens, const float* embedding, TokenProducts& state,
                       const ParallelFor& parallel_for);

/// From the gradient of every token's row, in the place of state.products, to those of the weight
/// (one-hot: only the entries of ids that occur) and, unless null, of the embedding's rows, [U, F]
/// in the order of tokens.ids.
void token_gradients(const TokenWeight& layout, const TokenIndex& tokens, const float* embedding,
                     float* d_weight, float* d_embedding, TokenProducts& state,
                     const ParallelFor& parallel_for);

}  // namespace nnrun::kernels
