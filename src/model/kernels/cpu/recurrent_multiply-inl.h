// Matrix products on blocks: weights broadcast, documents in lanes. Included once per instruction
// set.
#if defined(NNRUN_KERNELS_RECURRENT_MULTIPLY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NNRUN_KERNELS_RECURRENT_MULTIPLY_INL_H_
#undef NNRUN_KERNELS_RECURRENT_MULTIPLY_INL_H_
#else
#define NNRUN_KERNELS_RECURRENT_MULTIPLY_INL_H_
#endif

#include "hwy/highway.h"
#include "model/kernels/cpu/recurrent_job.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Lanes of a block handled at once: 16 with AVX-512, 8 with AVX2.
using Lanes = hn::CappedTag<float, kDocuments>;
using Vector = hn::Vec<Lanes>;

/// Outputs computed together, one accumulator per output and gate: as many as the registers hold.
template <class Cell>
inline constexpr int kTile = Cell::kGates == 4 && HWY_MAX_BYTES < 64 ? 2 : 4;

template <class Cell>
using Sums = Vector[kTile<Cell>][Cell::kGates];

/// packed[tile][k][output of tile][gate] = value(gate, output, k), 0 beyond `outputs`.
template <class Cell, class Value>
void pack_weights(int64_t outputs, int64_t count, const Value& value, float* packed) {
  for (int64_t first = 0; first < round_up(outputs, 4); first += kTile<Cell>)
    for (int64_t k = 0; k < count; ++k)
      for (int64_t i = first; i < first + kTile<Cell>; ++i)
        for (int64_t g = 0; g < Cell::kGates; ++g) *packed++ = i < outputs ? value(g, i, k) : 0.f;
}

/// sums[i][g] += sum over k of weights[k][i][g] * in[k].
template <class Cell>
HWY_INLINE void multiply(const float* HWY_RESTRICT weights, const float* HWY_RESTRICT in,
                         int64_t count, Sums<Cell>& sums) {
  const Lanes d;
  for (int64_t k = 0; k < count; ++k, in += kDocuments) {
    const Vector value = hn::Load(d, in);
    HWY_UNROLL(4)
    for (int i = 0; i < kTile<Cell>; ++i) {
      HWY_UNROLL(4)
      for (int g = 0; g < Cell::kGates; ++g, ++weights)
        sums[i][g] = hn::MulAdd(hn::Set(d, *weights), value, sums[i][g]);
    }
  }
}

/// sums[i][g] += sum over k of weights[k][i][g] * in[g][k].
template <class Cell>
HWY_INLINE void multiply_gates(const float* HWY_RESTRICT weights,
                               const float* const (&in)[Cell::kGates], int64_t count,
                               Sums<Cell>& sums) {
  const Lanes d;
  for (int64_t k = 0; k < count; ++k, weights += kTile<Cell> * Cell::kGates) {
    HWY_UNROLL(4)
    for (int g = 0; g < Cell::kGates; ++g) {
      const Vector value = hn::Load(d, in[g] + k * kDocuments);
      HWY_UNROLL(4)
      for (int i = 0; i < kTile<Cell>; ++i)
        sums[i][g] = hn::MulAdd(hn::Set(d, weights[i * Cell::kGates + g]), value, sums[i][g]);
    }
  }
}

template <class Cell>
HWY_INLINE Vector sum_of_gates(const Vector (&sums)[Cell::kGates]) {
  Vector total = sums[0];
  HWY_UNROLL(4)
  for (int g = 1; g < Cell::kGates; ++g) total = hn::Add(total, sums[g]);
  return total;
}

/// A series of [row][16] arrays, one per step.
struct Series {
  const float* data;
  int64_t stride;  ///< between steps; negative when the steps run against the positions

  Series row(int64_t index) const { return {data + index * kDocuments, stride}; }
};

/// out[r * out_stride + c] = sum over steps and documents of a[r] * b[c], for kRows x kColumns of
/// them.
template <int kRows, int kColumns>
void outer_tile(Series a, Series b, int64_t steps, int64_t used_rows, float* out,
                int64_t out_stride) {
  const Lanes d;
  Vector sums[kRows][kColumns];
  for (auto& row : sums)
    for (Vector& sum : row) sum = hn::Zero(d);
  for (int64_t s = 0; s < steps; ++s, a.data += a.stride, b.data += b.stride)
    for (size_t lane = 0; lane < kDocuments; lane += hn::Lanes(d)) {
      Vector columns[kColumns];
      HWY_UNROLL(4)
      for (int c = 0; c < kColumns; ++c) columns[c] = hn::Load(d, b.data + c * kDocuments + lane);
      HWY_UNROLL(4)
      for (int r = 0; r < kRows; ++r) {
        const Vector value = hn::Load(d, a.data + r * kDocuments + lane);
        HWY_UNROLL(4)
        for (int c = 0; c < kColumns; ++c) sums[r][c] = hn::MulAdd(value, columns[c], sums[r][c]);
      }
    }
  for (int64_t r = 0; r < std::min<int64_t>(kRows, used_rows); ++r)
    for (int64_t c = 0; c < kColumns; ++c)
      out[r * out_stride + c] = hn::GetLane(hn::SumOfLanes(d, sums[r][c]));
}

/// outer_tile for rows x columns; `a` may be read up to the next multiple of 4 rows.
inline void outer_sum(Series a, int64_t rows, Series b, int64_t columns, int64_t steps,
                      float* out) {
  constexpr int kWide = HWY_MAX_BYTES < 64 ? 2 : 4;  // 4 x kWide accumulators
  for (int64_t r = 0; r < rows; r += 4) {
    int64_t c = 0;
    for (; c + kWide <= columns; c += kWide)
      outer_tile<4, kWide>(a.row(r), b.row(c), steps, rows - r, out + r * columns + c, columns);
    for (; c < columns; ++c)
      outer_tile<4, 1>(a.row(r), b.row(c), steps, rows - r, out + r * columns + c, columns);
  }
}

/// out[r] = sum over steps and documents of a[r].
inline void total_sum(Series a, int64_t rows, int64_t steps, float* out) {
  const Lanes d;
  for (int64_t r = 0; r < rows; ++r) {
    Vector sum = hn::Zero(d);
    const float* from = a.row(r).data;
    for (int64_t s = 0; s < steps; ++s, from += a.stride)
      for (size_t lane = 0; lane < kDocuments; lane += hn::Lanes(d))
        sum = hn::Add(sum, hn::Load(d, from + lane));
    out[r] = hn::GetLane(hn::SumOfLanes(d, sum));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#endif  // toggle
