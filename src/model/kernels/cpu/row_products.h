#pragma once

#include "model/kernels/cpu/kernels.h"

/// Small matrix products over rows picked by id, and sums of rows along occurrence lists.
namespace nnrun::kernels {

/// Columns of `b` and of a sum are padded to whole AVX-512 vectors.
inline constexpr int64_t kRowAlign = 16;

/// Rows of a matrix: row m begins at data + (ids ? ids[m] : m) * stride.
struct RowSet {
  const float* data = nullptr;
  int64_t stride = 0;
  const int64_t* ids = nullptr;

  const float* row(int64_t m) const { return data + (ids ? ids[m] : m) * stride; }
};

/// c[m][n] = bias[n] + sum over k of a[m][k] * b[k * padded + n], for m < rows, n < columns; padded
/// is `columns` rounded up to kRowAlign.
struct RowProduct {
  int64_t rows = 0, inner = 0, columns = 0;
  RowSet a;
  const float* b = nullptr;
  const float* bias = nullptr;  ///< [padded] or null
  float* c = nullptr;
  int64_t c_stride = 0;
};
void multiply_rows(const RowProduct& product, const ParallelFor& parallel_for);

/// out[i * columns + n] = sum over m of a[m][i] * b[m][n], for i < inner and n < columns, a
/// multiple of kRowAlign. Rows are summed in chunks of a fixed size, then the chunks in order;
/// `scratch` holds them.
struct RowOuterProduct {
  int64_t rows = 0, inner = 0, columns = 0;
  RowSet a, b;
};
const float* multiply_rows_transposed(const RowOuterProduct& product, Buffer& scratch,
                                      const ParallelFor& parallel_for);

/// Adds up what belongs to `count` positions into to[columns].
using SumPositions = std::function<void(const int32_t* positions, int64_t count, float* to)>;

/// sums[u] = `sum` over the positions of token u, ascending, in pieces of a fixed size that are
/// then added in order; rows of `columns` floats.
void sum_by_token(const TokenIndex& tokens, int64_t columns, const SumPositions& sum, float* sums,
                  Buffer& scratch, const ParallelFor& parallel_for);

/// A row of `columns` floats, a multiple of kRowAlign, for every position p = n length + l; with
/// `documents`, one row for all positions of a document.
struct PositionRows {
  const float* data = nullptr;
  int64_t columns = 0;
  int32_t length = 0;
  int64_t document_stride = 0, position_stride = 0;
  const int32_t* documents = nullptr;  ///< [positions] n, where texts differ in length; or null

  const float* row(int32_t p) const {
    if (documents) return data + documents[p] * document_stride;
    return data + p / length * document_stride + p % length * position_stride;
  }
};

/// sum_by_token for sums of rows.
void sum_rows_by_token(const TokenIndex& tokens, const PositionRows& rows, float* sums,
                       Buffer& scratch, const ParallelFor& parallel_for);

}  // namespace nnrun::kernels
