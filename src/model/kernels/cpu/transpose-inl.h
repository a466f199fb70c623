// Between rows of single documents and [row][16 documents]. Included once per instruction set.
#if defined(NNRUN_KERNELS_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NNRUN_KERNELS_TRANSPOSE_INL_H_
#undef NNRUN_KERNELS_TRANSPOSE_INL_H_
#else
#define NNRUN_KERNELS_TRANSPOSE_INL_H_
#endif

#include <array>

#include "hwy/highway.h"
#include "model/kernels/cpu/recurrent_layout.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// to[j][i] = from[i][j] for a 4 x 4 square.
#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void transpose_square(const std::array<const float*, 4>& from,
                                 const std::array<float*, 4>& to) {
  for (size_t i = 0; i < 4; ++i)
    for (size_t j = 0; j < 4; ++j) to[j][i] = from[i][j];
}
#else
HWY_INLINE void transpose_square(const std::array<const float*, 4>& from,
                                 const std::array<float*, 4>& to) {
  const hn::FixedTag<float, 4> d;
  const auto a = hn::LoadU(d, from[0]), b = hn::LoadU(d, from[1]);
  const auto c = hn::LoadU(d, from[2]), e = hn::LoadU(d, from[3]);
  const auto ab_low = hn::InterleaveLower(d, a, b), ab_high = hn::InterleaveUpper(d, a, b);
  const auto ce_low = hn::InterleaveLower(d, c, e), ce_high = hn::InterleaveUpper(d, c, e);
  hn::StoreU(hn::ConcatLowerLower(d, ce_low, ab_low), d, to[0]);
  hn::StoreU(hn::ConcatUpperUpper(d, ce_low, ab_low), d, to[1]);
  hn::StoreU(hn::ConcatLowerLower(d, ce_high, ab_high), d, to[2]);
  hn::StoreU(hn::ConcatUpperUpper(d, ce_high, ab_high), d, to[3]);
}
#endif

/// to(c)[r] = from(r)[c]; both give the address of a row.
template <class From, class To>
HWY_INLINE void transpose(int64_t rows, int64_t columns, const From& from, const To& to) {
  const int64_t whole_rows = rows / 4 * 4, whole_columns = columns / 4 * 4;
  const auto copy = [&](int64_t r, int64_t c) { to(c)[r] = from(r)[c]; };
  for (int64_t r = 0; r < whole_rows; r += 4) {
    for (int64_t c = 0; c < whole_columns; c += 4)
      transpose_square({from(r) + c, from(r + 1) + c, from(r + 2) + c, from(r + 3) + c},
                       {to(c) + r, to(c + 1) + r, to(c + 2) + r, to(c + 3) + r});
    for (int64_t c = whole_columns; c < columns; ++c)
      for (int64_t i = r; i < r + 4; ++i) copy(i, c);
  }
  for (int64_t r = whole_rows; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c) copy(r, c);
}

/// block[c * stride + i] = rows[i][c] for 16 rows and c < count.
inline void gather_rows(const float* const* rows, int64_t count, float* block, int64_t stride) {
  transpose(
      kDocuments, count, [&](int64_t i) { return rows[i]; },
      [&](int64_t c) { return block + c * stride; });
}

/// rows[i][c] = block[c * stride + i] for the first `used` rows and c < count.
inline void scatter_rows(const float* block, int64_t stride, int64_t count, float* const* rows,
                         int64_t used) {
  transpose(
      count, used, [&](int64_t c) { return block + c * stride; },
      [&](int64_t i) { return rows[i]; });
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#endif  // toggle
