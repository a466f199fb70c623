// The register tiles of the convolution. Included once per instruction set.
#if defined(NNRUN_KERNELS_CONV2D_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NNRUN_KERNELS_CONV2D_TILE_INL_H_
#undef NNRUN_KERNELS_CONV2D_TILE_INL_H_
#else
#define NNRUN_KERNELS_CONV2D_TILE_INL_H_
#endif

#include <array>

#include "hwy/highway.h"
#include "model/kernels/cpu/conv2d_job.h"
#include "model/kernels/cpu/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Images of a block handled at once.
using Images = hn::CappedTag<float, kDocuments>;
using Vector = hn::Vec<Images>;

/// A tile is 4 positions (or taps) by kChannels output channels, one accumulator each.
constexpr int kPositions = 4;
constexpr int kChannels = HWY_MAX_BYTES < 64 ? 2 : 5;
using Tile = Vector[kPositions][kChannels];
using Offsets = std::array<int64_t, kPositions>;  ///< in rows of 16 images

/// What a convolution reads: [channels, plane / width, width] in rows of 16 images, from where
/// kernel cell (0, 0) of a tile's first position lies on.
struct Operand {
  const float* data;
  int64_t channels, plane, width;
};

/// tile[i][j] += sum over channels and kernel cells of weights[channel][cell][j] * operand, moved
/// by offsets[i].
HWY_INLINE void convolve(const Operand& in, const Offsets& offsets,
                         const float* HWY_RESTRICT weights, int64_t kernel_height,
                         int64_t kernel_width, Tile& tile) {
  const Images d;
  for (int64_t c = 0; c < in.channels; ++c)
    for (int64_t line = 0; line < kernel_height; ++line) {
      const float* HWY_RESTRICT row = in.data + (c * in.plane + line * in.width) * kDocuments;
      for (int64_t k = 0; k < kernel_width; ++k) {
        Vector x[kPositions];
        HWY_UNROLL(4)
        for (int i = 0; i < kPositions; ++i)
          x[i] = hn::Load(d, row + (k + offsets[static_cast<size_t>(i)]) * kDocuments);
        HWY_UNROLL(8)
        for (int j = 0; j < kChannels; ++j) {
          const Vector weight = hn::Set(d, *weights++);
          HWY_UNROLL(4)
          for (int i = 0; i < kPositions; ++i) tile[i][j] = hn::MulAdd(weight, x[i], tile[i][j]);
        }
      }
    }
}

/// packed[tile][input][cell][channel of tile] = weight(output channel, input, cell), 0 beyond the
/// outputs.
template <class Weight>
void pack_tiles(int64_t outputs, int64_t inputs, int64_t cells, const Weight& weight,
                float* packed) {
  for (int64_t first = 0; first < outputs; first += kChannels)
    for (int64_t in = 0; in < inputs; ++in)
      for (int64_t cell = 0; cell < cells; ++cell)
        for (int64_t out = first; out < first + kChannels; ++out)
          *packed++ = out < outputs ? weight(out, in, cell) : 0.f;
}

/// The 16 images of a block (the first again where there are fewer) as rows of `stride` floats.
template <class Float>
std::array<Float*, kDocuments> image_rows(const Conv2dJob& job, int64_t block, Float* base,
                                          int64_t stride) {
  std::array<Float*, kDocuments> rows;
  for (int64_t i = 0; i < kDocuments; ++i) {
    const int64_t image = job.first(block) + (i < job.used(block) ? i : 0);
    rows[static_cast<size_t>(i)] = base + image * stride;
  }
  return rows;
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#endif  // toggle
