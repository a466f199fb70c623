#include "model/kernels/cpu/token_products.h"

#include <algorithm>

#include "model/kernels/cpu/row_products.h"

namespace nnrun::kernels {
namespace {

int64_t padded(int64_t columns) { return (columns + kRowAlign - 1) / kRowAlign * kRowAlign; }

/// Calls visit(column, offset) for the columns that are no padding.
template <class Visit>
void for_each_column(const TokenWeight& layout, const Visit& visit) {
  for (int64_t c = 0; c < layout.row(); ++c)
    if (const int64_t offset = layout.offsets[static_cast<size_t>(c)]; offset >= 0)
      visit(c, offset);
}

/// The weight as [F, row] and as [row, F padded].
struct PackedTokenWeight {
  float* forward;
  float* backward;

  PackedTokenWeight(const TokenWeight& layout, Buffer& buffer)
      : forward(buffer.reserve((layout.features + padded(layout.features)) * layout.row())),
        backward(forward + layout.features * layout.row()) {}
};

void pack(const TokenWeight& layout, const float* weight, const PackedTokenWeight& packed) {
  const int64_t columns = padded(layout.features);
  std::fill_n(packed.forward, layout.features * layout.row(), 0.f);
  std::fill_n(packed.backward, layout.row() * columns, 0.f);
  for_each_column(layout, [&](int64_t c, int64_t offset) {
    for (int64_t f = 0; f < layout.features; ++f) {
      const float value = weight[offset + f * layout.feature_stride];
      packed.forward[f * layout.row() + c] = value;
      packed.backward[c * columns + f] = value;
    }
  });
}

void copy_one_hot(const TokenWeight& layout, const float* weight, const float* bias,
                  const TokenIndex& tokens, float* products) {
  for (const int64_t id : tokens.ids) {
    if (bias)
      std::copy_n(bias, layout.row(), products);
    else
      std::fill_n(products, layout.row(), 0.f);
    for_each_column(layout, [&](int64_t c, int64_t offset) {
      products[c] += weight[offset + id * layout.feature_stride];
    });
    products += layout.row();
  }
}

void write_one_hot(const TokenWeight& layout, const TokenIndex& tokens, const float* sums,
                   float* d_weight) {
  for (const int64_t id : tokens.ids) {
    for_each_column(layout, [&](int64_t c, int64_t offset) {
      d_weight[offset + id * layout.feature_stride] = sums[c];
    });
    sums += layout.row();
  }
}

/// d_weight = embedded tokens transposed times the gradients of their rows.
void weight_gradient(const TokenWeight& layout, const TokenIndex& tokens, const float* embedding,
                     float* d_weight, TokenProducts& state, const ParallelFor& parallel_for) {
  RowOuterProduct product;
  product.rows = tokens.distinct();
  product.inner = layout.features;
  product.columns = layout.row();
  product.a = {embedding, layout.features, tokens.ids.data()};
  product.b = {state.products.data(), layout.row()};
  const float* sum = multiply_rows_transposed(product, state.scratch, parallel_for);
  for_each_column(layout, [&](int64_t c, int64_t offset) {
    for (int64_t f = 0; f < layout.features; ++f)
      d_weight[offset + f * layout.feature_stride] = sum[f * layout.row() + c];
  });
}

}  // namespace

float* multiply_tokens(const TokenWeight& layout, const float* weight, const float* bias,
                       const TokenIndex& tokens, const float* embedding, TokenProducts& state,
                       const ParallelFor& parallel_for) {
  float* products = state.products.reserve(tokens.distinct() * layout.row());
  if (!embedding) {
    copy_one_hot(layout, weight, bias, tokens, products);
    return products;
  }
  const PackedTokenWeight packed(layout, state.weights);
  pack(layout, weight, packed);
  RowProduct product;
  product.rows = tokens.distinct();
  product.inner = layout.features;
  product.columns = layout.row();
  product.a = {embedding, layout.features, tokens.ids.data()};
  product.b = packed.forward;
  product.bias = bias;
  product.c = products;
  product.c_stride = layout.row();
  multiply_rows(product, parallel_for);
  return products;
}

void token_gradients(const TokenWeight& layout, const TokenIndex& tokens, const float* embedding,
                     float* d_weight, float* d_embedding, TokenProducts& state,
                     const ParallelFor& parallel_for) {
  if (!embedding) return write_one_hot(layout, tokens, state.products.data(), d_weight);
  weight_gradient(layout, tokens, embedding, d_weight, state, parallel_for);
  if (!d_embedding) return;
  RowProduct product;
  product.rows = tokens.distinct();
  product.inner = layout.row();
  product.columns = layout.features;
  product.a = {state.products.data(), layout.row()};
  product.b = PackedTokenWeight(layout, state.weights).backward;
  product.c = d_embedding;
  product.c_stride = layout.features;
  multiply_rows(product, parallel_for);
}

}  // namespace nnrun::kernels
