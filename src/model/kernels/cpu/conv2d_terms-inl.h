// Sums of scaled rows, the work of the convolution's backward pass. Included once per instruction
// set.
#if defined(NNRUN_KERNELS_CONV2D_TERMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NNRUN_KERNELS_CONV2D_TERMS_INL_H_
#undef NNRUN_KERNELS_CONV2D_TERMS_INL_H_
#else
#define NNRUN_KERNELS_CONV2D_TERMS_INL_H_
#endif

#include <array>
#include <utility>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// The sum over i < count of factors[i] * (the row at rows + offsets[i]).
struct Terms {
  const float* rows;
  const float* factors;
  const int32_t* offsets;
  int64_t count;
};

/// Part of a row: as many vectors as have a register for their sum.
constexpr int kMostVectors = HWY_MAX_BYTES < 64 ? 14 : 30;

/// sums[0 … kVectors) += all `groups` of terms, at `first` floats into each row.
template <int kVectors>
void add_tile(const Terms* groups, int64_t group_count, int64_t first, float* HWY_RESTRICT sums) {
  const hn::CappedTag<float, 16> d;
  const size_t lanes = hn::Lanes(d);
  hn::Vec<decltype(d)> sum[kVectors];
  HWY_UNROLL(32)
  for (int v = 0; v < kVectors; ++v) sum[v] = hn::Load(d, sums + static_cast<size_t>(v) * lanes);
  for (const Terms* terms = groups; terms < groups + group_count; ++terms) {
    const float* const rows = terms->rows + first;
    for (int64_t i = 0; i < terms->count; ++i) {
      const float* HWY_RESTRICT row = rows + terms->offsets[i];
      const auto factor = hn::Set(d, terms->factors[i]);
      HWY_UNROLL(32)
      for (int v = 0; v < kVectors; ++v)
        sum[v] = hn::MulAdd(factor, hn::Load(d, row + static_cast<size_t>(v) * lanes), sum[v]);
    }
  }
  HWY_UNROLL(32)
  for (int v = 0; v < kVectors; ++v) hn::Store(sum[v], d, sums + static_cast<size_t>(v) * lanes);
}

using AddTile = decltype(&add_tile<1>);

template <size_t... kIndex>
constexpr auto tiles_of(std::index_sequence<kIndex...>) {
  return std::array<AddTile, sizeof...(kIndex)>{&add_tile<static_cast<int>(kIndex) + 1>...};
}

/// sums[0 … size) += all groups of terms; rows and sums are aligned to vectors of 16.
inline void add_terms(const Terms* groups, int64_t group_count, int64_t size, float* sums) {
  static constexpr auto kTiles = tiles_of(std::make_index_sequence<kMostVectors>());
  const auto lanes = static_cast<int64_t>(hn::Lanes(hn::CappedTag<float, 16>()));
  const int64_t vectors = size / lanes;
  const int64_t parts = (vectors + kMostVectors - 1) / kMostVectors;
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t begin = vectors * part / parts, end = vectors * (part + 1) / parts;
    kTiles[static_cast<size_t>(end - begin - 1)](groups, group_count, begin * lanes,
                                                 sums + begin * lanes);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#endif  // toggle
