#include "model/kernels/cpu/row_products.h"

#include <algorithm>
#include <array>

// This file is compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu/row_products.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Lanes>;
constexpr int kRows = 4;
constexpr int64_t kLanes = hn::MaxLanes(Lanes());
/// Widest register tile: two vectors with 16 registers, four with 32.
constexpr int kMaxVectors = HWY_MAX_BYTES < 64 ? 2 : 4;

/// sums[i][v] += sum over k of a(k)(i) * b(k)[v].
template <int kCount, class A, class B>
HWY_INLINE void accumulate(int64_t count, const A& a, const B& b, Vector (&sums)[kRows][kCount]) {
  const Lanes d;
  for (int64_t k = 0; k < count; ++k) {
    const auto factor = a(k);
    const float* row = b(k);
    Vector columns[kCount];
    for (int v = 0; v < kCount; ++v) columns[v] = hn::LoadU(d, row + v * kLanes);
    for (int i = 0; i < kRows; ++i)
      for (int v = 0; v < kCount; ++v)
        sums[i][v] = hn::MulAdd(hn::Set(d, factor(i)), columns[v], sums[i][v]);
  }
}

/// Walks the padded columns in tiles: tile(first column, std::integral_constant of its vectors).
template <class Tile>
HWY_INLINE void for_each_tile(int64_t columns, const Tile& tile) {
  int64_t n = 0;
  for (; n + 4 * kLanes <= columns && kMaxVectors >= 4; n += 4 * kLanes)
    tile(n, std::integral_constant<int, kMaxVectors>());
  for (; n + 2 * kLanes <= columns; n += 2 * kLanes) tile(n, std::integral_constant<int, 2>());
  for (; n < columns; n += kLanes) tile(n, std::integral_constant<int, 1>());
}

/// Writes one row of a tile; `used` columns of it exist.
template <int kCount>
HWY_INLINE void store_row(const Vector (&sums)[kCount], int64_t used, float* to) {
  const Lanes d;
  if (used >= kCount * kLanes) {
    for (int v = 0; v < kCount; ++v) hn::StoreU(sums[v], d, to + v * kLanes);
    return;
  }
  alignas(64) float row[kCount * kLanes];
  for (int v = 0; v < kCount; ++v) hn::Store(sums[v], d, row + v * kLanes);
  for (int64_t n = 0; n < used; ++n) to[n] = row[n];
}

/// Four rows from `first` on; rows beyond the last are computed as the last and not written.
void product_of_rows(const RowProduct& p, int64_t first) {
  const int64_t padded = (p.columns + kRowAlign - 1) / kRowAlign * kRowAlign;
  const float* a[kRows];
  for (int64_t i = 0; i < kRows; ++i) a[i] = p.a.row(std::min(first + i, p.rows - 1));
  for_each_tile(padded, [&](int64_t n, auto vectors) HWY_ATTR {
    const Lanes d;
    Vector sums[kRows][vectors];
    for (int v = 0; v < vectors; ++v) {
      const Vector begin = p.bias ? hn::LoadU(d, p.bias + n + v * kLanes) : hn::Zero(d);
      for (int i = 0; i < kRows; ++i) sums[i][v] = begin;
    }
    accumulate<vectors>(
        p.inner, [&](int64_t k) HWY_ATTR { return [&a, k](int i) HWY_ATTR { return a[i][k]; }; },
        [&](int64_t k) HWY_ATTR { return p.b + k * padded + n; }, sums);
    for (int64_t i = 0; i < std::min<int64_t>(kRows, p.rows - first); ++i) {
      store_row<vectors>(sums[i], p.columns - n, p.c + (first + i) * p.c_stride + n);
    }
  });
}

/// out = the outer products of rows first … last - 1, four of the inner index at a time.
void outer_of_rows(const RowOuterProduct& p, int64_t first, int64_t last, float* out) {
  for (int64_t inner = 0; inner < p.inner; inner += kRows) {
    const int64_t used = std::min<int64_t>(kRows, p.inner - inner);
    const std::array<int64_t, kRows> at{0, std::min<int64_t>(1, used - 1),
                                        std::min<int64_t>(2, used - 1), used - 1};
    for_each_tile(p.columns, [&](int64_t n, auto vectors) HWY_ATTR {
      const Lanes d;
      Vector sums[kRows][vectors];
      for (auto& row : sums)
        for (Vector& sum : row) sum = hn::Zero(d);
      accumulate<vectors>(
          last - first,
          [&](int64_t k) HWY_ATTR {
            return [&at, row = p.a.row(first + k) + inner](int i)
                       HWY_ATTR { return row[at[static_cast<size_t>(i)]]; };
          },
          [&](int64_t k) HWY_ATTR { return p.b.row(first + k) + n; }, sums);
      for (int64_t i = 0; i < used; ++i)
        store_row<vectors>(sums[i], p.columns - n, out + (inner + i) * p.columns + n);
    });
  }
}

/// to = sum of the rows of `count` positions.
void sum_of_rows(const PositionRows& rows, const int32_t* positions, int64_t count, float* to) {
  for_each_tile(rows.columns, [&](int64_t n, auto vectors) HWY_ATTR {
    const Lanes d;
    Vector sums[vectors];
    for (Vector& sum : sums) sum = hn::Zero(d);
    for (int64_t i = 0; i < count; ++i) {
      const float* row = rows.row(positions[i]) + n;
      for (int v = 0; v < vectors; ++v) sums[v] = hn::Add(sums[v], hn::LoadU(d, row + v * kLanes));
    }
    for (int v = 0; v < vectors; ++v) hn::StoreU(sums[v], d, to + n + v * kLanes);
  });
}

}  // namespace

void product_of_rows_target(const RowProduct& p, int64_t first) { product_of_rows(p, first); }
void outer_of_rows_target(const RowOuterProduct& p, int64_t first, int64_t last, float* out) {
  outer_of_rows(p, first, last, out);
}
void sum_of_rows_target(const PositionRows& rows, const int32_t* positions, int64_t count,
                        float* to) {
  sum_of_rows(rows, positions, count, to);
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nnrun::kernels {

HWY_EXPORT(product_of_rows_target);
HWY_EXPORT(outer_of_rows_target);
HWY_EXPORT(sum_of_rows_target);

namespace {

constexpr int64_t kChunk = 256;  // rows per piece of work; part of the numbers, see kernels.h

int64_t chunks(int64_t rows) { return (rows + kChunk - 1) / kChunk; }

void add(const float* from, int64_t count, float* to) {
  for (int64_t i = 0; i < count; ++i) to[i] += from[i];
}

/// Sums the occurrences order[first, last), run by run. The run that began before `first` goes to
/// `head`.
void sum_chunk(const TokenIndex& tokens, int64_t columns, const SumPositions& sum, int64_t first,
               int64_t last, float* head, float* sums) {
  for (int64_t p = first; p < last;) {
    const int32_t slot = tokens.slots[static_cast<size_t>(tokens.order[static_cast<size_t>(p)])];
    const int64_t begin = tokens.starts[static_cast<size_t>(slot)];
    const int64_t end = std::min<int64_t>(tokens.starts[static_cast<size_t>(slot) + 1], last);
    sum(tokens.order.data() + p, end - p, begin < first ? head : sums + slot * columns);
    p = end;
  }
}

}  // namespace

void multiply_rows(const RowProduct& product, const ParallelFor& parallel_for) {
  const auto run = HWY_DYNAMIC_DISPATCH(product_of_rows_target);
  parallel_for(chunks(product.rows), [&](int64_t chunk) {
    const int64_t last = std::min((chunk + 1) * kChunk, product.rows);
    for (int64_t m = chunk * kChunk; m < last; m += 4) run(product, m);
  });
}

const float* multiply_rows_transposed(const RowOuterProduct& product, Buffer& scratch,
                                      const ParallelFor& parallel_for) {
  const auto run = HWY_DYNAMIC_DISPATCH(outer_of_rows_target);
  const int64_t size = product.inner * product.columns, count = chunks(product.rows);
  float* partials = scratch.reserve(count * size);
  parallel_for(count, [&](int64_t chunk) {
    run(product, chunk * kChunk, std::min((chunk + 1) * kChunk, product.rows),
        partials + chunk * size);
  });
  for (int64_t chunk = 1; chunk < count; ++chunk) add(partials + chunk * size, size, partials);
  return partials;
}

void sum_by_token(const TokenIndex& tokens, int64_t columns, const SumPositions& sum, float* sums,
                  Buffer& scratch, const ParallelFor& parallel_for) {
  const int64_t positions = tokens.positions(), count = chunks(positions);
  float* heads = scratch.reserve(count * columns);
  parallel_for(count, [&](int64_t chunk) {
    sum_chunk(tokens, columns, sum, chunk * kChunk, std::min((chunk + 1) * kChunk, positions),
              heads + chunk * columns, sums);
  });
  for (int64_t chunk = 1; chunk < count; ++chunk) {
    const int32_t position = tokens.order[static_cast<size_t>(chunk * kChunk)];
    const int32_t slot = tokens.slots[static_cast<size_t>(position)];
    if (tokens.starts[static_cast<size_t>(slot)] < chunk * kChunk)
      add(heads + chunk * columns, columns, sums + slot * columns);
  }
}

void sum_rows_by_token(const TokenIndex& tokens, const PositionRows& rows, float* sums,
                       Buffer& scratch, const ParallelFor& parallel_for) {
  const auto run = HWY_DYNAMIC_DISPATCH(sum_of_rows_target);
  const auto sum = [&](const int32_t* positions, int64_t count, float* to) {
    run(rows, positions, count, to);
  };
  sum_by_token(tokens, rows.columns, sum, sums, scratch, parallel_for);
}

}  // namespace nnrun::kernels
#endif  // HWY_ONCE
