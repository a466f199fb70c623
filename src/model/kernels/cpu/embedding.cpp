#include <algorithm>

#include "model/kernels/cpu/lookup.h"
#include "model/kernels/cpu/row_products.h"

// This file is compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu/embedding.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "model/kernels/cpu/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {

/// One document: rows of the table, picked by id, to [features, length].
void gather_document(const TokenIndex& tokens, int64_t document, int64_t length, int64_t features,
                     const float* table, float* to) {
  const int32_t* slots = tokens.slots.data() + document * length;
  transpose(
      length, features,
      [&](int64_t l) { return table + tokens.ids[static_cast<size_t>(slots[l])] * features; },
      [&](int64_t f) { return to + f * length; });
}

/// One document: [features, length] to rows of `row` floats, the tail zero.
void transpose_document(const float* from, int64_t length, int64_t features, int64_t row,
                        float* to) {
  transpose(
      features, length, [&](int64_t f) { return from + f * length; },
      [&](int64_t l) { return to + l * row; });
  for (int64_t l = 0; l < length; ++l) std::fill(to + l * row + features, to + (l + 1) * row, 0.f);
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nnrun::kernels {

HWY_EXPORT(gather_document);
HWY_EXPORT(transpose_document);

void embedding_gather(const TokenIndex& tokens, int64_t length, int64_t features,
                      const float* embedding, float* output, const ParallelFor& parallel_for) {
  const auto gather = HWY_DYNAMIC_DISPATCH(gather_document);
  parallel_for(tokens.positions() / length, [&](int64_t document) {
    gather(tokens, document, length, features, embedding, output + document * length * features);
  });
}

void embedding_scatter(const TokenIndex& tokens, int64_t length, int64_t features,
                       const float* output_gradient, float* gradient, EmbeddingScratch& scratch,
                       const ParallelFor& parallel_for) {
  const auto transpose_one = HWY_DYNAMIC_DISPATCH(transpose_document);
  const int64_t row = (features + kRowAlign - 1) / kRowAlign * kRowAlign;
  float* rows = scratch.rows.reserve(tokens.positions() * row);
  float* sums = scratch.sums.reserve(tokens.distinct() * row);
  parallel_for(tokens.positions() / length, [&](int64_t document) {
    transpose_one(output_gradient + document * length * features, length, features, row,
                  rows + document * length * row);
  });
  const PositionRows by_position{rows, row, static_cast<int32_t>(length), length * row, row};
  sum_rows_by_token(tokens, by_position, sums, scratch.heads, parallel_for);
  for (int64_t u = 0; u < tokens.distinct(); ++u)
    std::copy_n(sums + u * row, features, gradient + u * features);
}

}  // namespace nnrun::kernels
#endif  // HWY_ONCE
