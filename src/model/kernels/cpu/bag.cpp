#include <algorithm>

#include "model/kernels/cpu/lookup.h"
#include "model/kernels/cpu/row_products.h"

// This file is compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu/bag.cpp"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Calls rule(d, first column) for whole vectors, then column by column.
template <class Rule>
HWY_INLINE void for_each_vector(int64_t columns, const Rule& rule) {
  const hn::CappedTag<float, kRowAlign> whole;
  const auto lanes = static_cast<int64_t>(hn::Lanes(whole));
  int64_t f = 0;
  for (; f + lanes <= columns; f += lanes) rule(whole, f);
  for (; f < columns; ++f) rule(hn::CappedTag<float, 1>(), f);
}

/// to[features] = mean of the rows of `table` that `ids` pick. The sum stays in the cache while row
/// after row streams by; rows lie far apart, so that no processor guesses where the next begins.
void mean_of_rows(const int32_t* ids, int64_t count, int64_t features, const float* table,
                  float* to) {
  constexpr int64_t kAhead = 8;  // ids
  std::fill_n(to, features, 0.f);
  for (int64_t i = 0; i < count; ++i) {
    if (i + kAhead < count) hwy::Prefetch(table + ids[i + kAhead] * features);
    const float* row = table + ids[i] * features;
    for_each_vector(features, [&](auto d, int64_t f) HWY_ATTR {
      hn::StoreU(hn::Add(hn::LoadU(d, to + f), hn::LoadU(d, row + f)), d, to + f);
    });
  }
  const float share = count == 0 ? 0.f : 1.f / static_cast<float>(count);
  for (int64_t f = 0; f < features; ++f) to[f] *= share;
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nnrun::kernels {

HWY_EXPORT(mean_of_rows);

namespace {

/// Gradients of the texts' sums: rows of `stride` floats, the tail zero.
void divide_gradients(const BagIds& bags, int64_t features, const float* output_gradient,
                      int64_t stride, float* rows) {
  for (int64_t n = 0; n < bags.batch; ++n) {
    const float share = 1.f / static_cast<float>(std::max<int64_t>(bags.size(n), 1));
    float* const row = rows + n * stride;
    for (int64_t f = 0; f < features; ++f) row[f] = share * output_gradient[n * features + f];
    std::fill(row + features, row + stride, 0.f);
  }
}

void list_documents(const BagIds& bags, std::vector<int32_t>& documents) {
  documents.clear();
  for (int64_t n = 0; n < bags.batch; ++n) {
    documents.insert(documents.end(), static_cast<size_t>(bags.size(n)), static_cast<int32_t>(n));
  }
}

}  // namespace

void bag_gather(const BagIds& bags, int64_t features, const float* embedding, float* output,
                const ParallelFor& parallel_for) {
  const auto mean = HWY_DYNAMIC_DISPATCH(mean_of_rows);
  parallel_for(bags.batch, [&](int64_t n) {
    mean(bags.ids + bags.offsets[n], bags.size(n), features, embedding, output + n * features);
  });
}

BagRows bag_scatter(const BagIds& bags, int64_t vocabulary, int64_t features,
                    const float* output_gradient, BagScratch& scratch,
                    const ParallelFor& parallel_for) {
  const int64_t stride = (features + kRowAlign - 1) / kRowAlign * kRowAlign;
  float* const rows = scratch.rows.reserve(bags.batch * stride);
  divide_gradients(bags, features, output_gradient, stride, rows);
  list_documents(bags, scratch.documents);
  index_tokens(bags.ids, bags.positions(), vocabulary, scratch.tokens);
  float* const sums = scratch.sums.reserve(scratch.tokens.distinct() * stride);
  PositionRows by_document;
  by_document.data = rows;
  by_document.columns = stride;
  by_document.document_stride = stride;
  by_document.documents = scratch.documents.data();
  sum_rows_by_token(scratch.tokens, by_document, sums, scratch.heads, parallel_for);
  return {sums, stride};
}

}  // namespace nnrun::kernels
#endif  // HWY_ONCE
