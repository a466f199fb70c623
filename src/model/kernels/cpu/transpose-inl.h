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

/// block[c * stride + i] = rows[i][c] for 16 rows and c < count.
inline void gather_rows(const float* const* rows, int64_t count, float* block, int64_t stride) {
  for (int64_t i = 0; i < kDocuments; i += 4) {
    int64_t c = 0;
    for (; c + 4 <= count; c += 4) {
      float* to = block + c * stride + i;
      transpose_square({rows[i] + c, rows[i + 1] + c, rows[i + 2] + c, rows[i + 3] + c},
                       {to, to + stride, to + 2 * stride, to + 3 * stride});
    }
    for (; c < count; ++c)
      for (int64_t k = i; k < i + 4; ++k) block[c * stride + k] = rows[k][c];
  }
}

/// rows[i][c] = block[c * stride + i] for the first `used` rows and c < count.
inline void scatter_rows(const float* block, int64_t stride, int64_t count, float* const* rows,
                         int64_t used) {
  const int64_t whole = used / 4 * 4;
  for (int64_t i = 0; i < whole; i += 4) {
    int64_t c = 0;
    for (; c + 4 <= count; c += 4) {
      const float* from = block + c * stride + i;
      transpose_square({from, from + stride, from + 2 * stride, from + 3 * stride},
                       {rows[i] + c, rows[i + 1] + c, rows[i + 2] + c, rows[i + 3] + c});
    }
    for (; c < count; ++c)
      for (int64_t k = i; k < i + 4; ++k) rows[k][c] = block[c * stride + k];
  }
  for (int64_t i = whole; i < used; ++i)
    for (int64_t c = 0; c < count; ++c) rows[i][c] = block[c * stride + i];
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#endif  // toggle
