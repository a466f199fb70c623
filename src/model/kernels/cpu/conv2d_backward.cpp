#include <algorithm>
#include <vector>

#include "model/kernels/cpu/conv2d_job.h"

// This file is compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu/conv2d_backward.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "model/kernels/cpu/conv2d_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace {

/// A block's arrays; each thread keeps its own.
struct Scratch {
  Buffer output_gradient;  ///< [O, output, 16]
  Buffer expanded;  ///< gradient at the convolution's output, of one tile's filters or of all
  std::vector<Offsets> taps;
  Buffer sums;            ///< [taps, channels of a tile] accumulators
  Buffer input_gradient;  ///< [C, H, W, 16]
};

// ---- the gradient at the convolution's output
// -----------------------------------------------------

/// Where the values of the convolution's output stand: line y, column x at data + (y width + x)
/// step.
struct Lines {
  float* data;
  int64_t width, step;  ///< in columns; in floats
};

/// Gives filter `o`'s gradient to the positions that were chosen, 0 to the others.
void expand(const Conv2dJob& job, int64_t block, int64_t o, const float* output_gradient,
            const Lines& to) {
  const Conv2dLayout& l = job.layout;
  const Images d;
  const hn::Rebind<int32_t, Images> integers;
  const hn::Rebind<uint8_t, Images> bytes;
  const int64_t window = l.s.window();
  for (int64_t p = 0; p < l.output_plane(); ++p) {
    const int64_t y = p / l.s.output_width() * window, x = p % l.s.output_width() * window;
    const int64_t row = (o * l.output_plane() + p) * kDocuments;
    for (size_t lane = 0; lane < kDocuments; lane += hn::Lanes(d)) {
      const auto used = hn::Lt(hn::Iota(d, static_cast<float>(lane)),
                               hn::Set(d, static_cast<float>(job.used(block))));
      const Vector gradient = hn::IfThenElseZero(used, hn::Load(d, output_gradient + row + lane));
      const uint8_t* from = job.block_choices(block) + row + lane;
      const Vector choice = hn::ConvertTo(d, hn::PromoteTo(integers, hn::LoadU(bytes, from)));
      for (int64_t i = 0; i < window * window; ++i) {
        const int64_t at = (y + i / window) * to.width + x + i % window;
        const auto chosen = hn::Eq(choice, hn::Set(d, static_cast<float>(i)));
        hn::Store(hn::IfThenElseZero(chosen, gradient), d, to.data + at * to.step + lane);
      }
    }
  }
}

// ---- weights
// -------------------------------------------------------------------------------------

/// Accumulators of a tile as they stand in memory between two chunks of lines.
constexpr int64_t kTileFloats =
    kPositions * kChannels * static_cast<int64_t>(hn::MaxLanes(Images()));

/// Floats between two positions of a tile's expanded gradients.
constexpr int64_t kGradientStep = kChannels * kDocuments;

/// The taps in groups of four, as offsets of the input (in rows); beyond the last tap the last
/// again.
void fill_tap_groups(const Conv2dLayout& l, std::vector<Offsets>& groups) {
  groups.resize(static_cast<size_t>((l.s.taps() + kPositions - 1) / kPositions));
  for (size_t i = 0; i < groups.size() * kPositions; ++i) {
    const int64_t tap = std::min(static_cast<int64_t>(i), l.s.taps() - 1);
    const int64_t line = tap / l.s.kernel_width;  // of all channels
    groups[i / kPositions][i % kPositions] = line / l.s.kernel_height * l.input_plane() +
                                             line % l.s.kernel_height * l.padded_width() +
                                             tap % l.s.kernel_width;
  }
}

/// sums[i][j] += sum over the positions of lines [first, last) of input at tap i * gradient of
/// filter j; the gradients of a tile's filters stand side by side at each position.
void correlate(const Conv2dLayout& l, const float* HWY_RESTRICT input,
               const float* HWY_RESTRICT gradient, const Offsets& taps, int64_t first, int64_t last,
               float* sums) {
  const Images d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  Tile tile;
  for (int i = 0; i < kPositions; ++i)
    for (int j = 0; j < kChannels; ++j)
      tile[i][j] = hn::Load(d, sums + (i * kChannels + j) * lanes);
  const float* g = gradient + first * l.s.conv_width * kGradientStep;
  for (int64_t y = first; y < last; ++y) {
    const float* x = input + y * l.padded_width() * kDocuments;
    for (int64_t column = 0; column < l.s.conv_width; ++column) {
      for (int64_t lane = 0; lane < kDocuments; lane += lanes) {
        Vector values[kPositions];
        HWY_UNROLL(4)
        for (int i = 0; i < kPositions; ++i)
          values[i] = hn::Load(d, x + taps[static_cast<size_t>(i)] * kDocuments + lane);
        HWY_UNROLL(8)
        for (int j = 0; j < kChannels; ++j) {
          const Vector slope = hn::Load(d, g + j * kDocuments + lane);
          HWY_UNROLL(4)
          for (int i = 0; i < kPositions; ++i)
            tile[i][j] = hn::MulAdd(slope, values[i], tile[i][j]);
        }
      }
      x += kDocuments;
      g += kGradientStep;
    }
  }
  for (int i = 0; i < kPositions; ++i)
    for (int j = 0; j < kChannels; ++j)
      hn::Store(tile[i][j], d, sums + (i * kChannels + j) * lanes);
}

/// The weight gradient of the filters of one tile, from their expanded gradients.
void tile_weight_gradient(const Conv2dJob& job, int64_t block, int64_t o, const float* gradient,
                          Scratch& scratch) {
  const Conv2dLayout& l = job.layout;
  const auto size = static_cast<int64_t>(scratch.taps.size()) * kTileFloats;
  float* sums = scratch.sums.reserve(size);
  std::fill_n(sums, size, 0.f);
  // So many lines that their gradients stay in the first-level cache while all taps go over them.
  const int64_t lines = std::max<int64_t>(1, 48 / l.s.conv_width);
  for (int64_t y = 0; y < l.s.conv_height; y += lines) {
    float* to = sums;
    for (const Offsets& taps : scratch.taps) {
      correlate(l, job.block_input(block), gradient, taps, y, std::min(y + lines, l.s.conv_height),
                to);
      to += kTileFloats;
    }
  }
  float* weight = job.partials + block * l.partial_size();
  const Images d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < std::min<int64_t>(kChannels, l.s.filters - o); ++j)
    for (int64_t tap = 0; tap < l.s.taps(); ++tap) {
      const Vector sum = hn::Load(d, sums + (tap * kChannels + j) * lanes);
      weight[(o + j) * l.s.taps() + tap] = hn::GetLane(hn::SumOfLanes(d, sum));
    }
}

/// Sums of the expanded gradients of one tile's filters.
void tile_bias_gradient(const Conv2dJob& job, int64_t block, int64_t o, const float* gradient) {
  const Conv2dLayout& l = job.layout;
  const Images d;
  float* bias = job.partials + block * l.partial_size() + l.weight_size();
  for (int64_t j = 0; j < std::min<int64_t>(kChannels, l.s.filters - o); ++j) {
    Vector sum = hn::Zero(d);
    for (int64_t p = 0; p < l.s.conv_height * l.s.conv_width; ++p)
      for (size_t lane = 0; lane < kDocuments; lane += hn::Lanes(d))
        sum = hn::Add(sum, hn::Load(d, gradient + p * kGradientStep + j * kDocuments + lane));
    bias[o + j] = hn::GetLane(hn::SumOfLanes(d, sum));
  }
}

void weight_gradients(const Conv2dJob& job, int64_t block, const float* output_gradient,
                      Scratch& scratch) {
  const Conv2dLayout& l = job.layout;
  const int64_t size = l.s.conv_height * l.s.conv_width * kGradientStep;
  float* expanded = scratch.expanded.reserve(size);
  fill_tap_groups(l, scratch.taps);
  for (int64_t o = 0; o < l.s.filters; o += kChannels) {
    std::fill_n(expanded, size, 0.f);
    for (int64_t j = 0; j < std::min<int64_t>(kChannels, l.s.filters - o); ++j)
      expand(job, block, o + j, output_gradient,
             {expanded + j * kDocuments, l.s.conv_width, kGradientStep});
    tile_weight_gradient(job, block, o, expanded, scratch);
    tile_bias_gradient(job, block, o, expanded);
  }
}

// ---- input
// ---------------------------------------------------------------------------------------

/// Four neighbours of the input, from column x of line y on (`count` of them exist): the
/// convolution of the output's gradient with the turned kernel, which skips what lies outside.
void input_group(const Conv2dJob& job, const float* gradient, int64_t y, int64_t x, int64_t count,
                 size_t lane, float* to) {
  const Conv2dLayout& l = job.layout;
  const int64_t kernel_h = l.s.kernel_height, kernel_w = l.s.kernel_width;
  const int64_t line = y + l.s.pad_top - (kernel_h - 1), column = x + l.s.pad_left;
  const Window window{std::max<int64_t>(0, -line), std::min(kernel_h, l.s.conv_height - line),
                      std::max<int64_t>(0, kernel_w - 1 - (column + count - 1)),
                      std::min(kernel_w, kernel_w - 1 + l.s.conv_width - column)};
  const Operand operand{gradient + lane, line * l.gradient_width() + column, l.s.filters,
                        l.gradient_plane(), l.gradient_width()};
  const Offsets offsets{0, std::min<int64_t>(1, count - 1), std::min<int64_t>(2, count - 1),
                        count - 1};
  for (int64_t c = 0; c < l.s.channels; c += kChannels) {
    Tile tile;
    clear(tile);
    convolve(operand, offsets, window, job.packed + c * l.s.filters * kernel_h * kernel_w, kernel_h,
             kernel_w, tile);
    for (int j = 0; j < std::min<int64_t>(kChannels, l.s.channels - c); ++j)
      for (int64_t i = 0; i < count; ++i) {
        const int64_t at = ((c + j) * l.s.height + y) * l.s.width + x + i;
        hn::Store(tile[i][j], Images(), to + at * kDocuments + static_cast<int64_t>(lane));
      }
  }
}

void input_gradients(const Conv2dJob& job, int64_t block, const float* output_gradient,
                     Scratch& scratch) {
  const Conv2dLayout& l = job.layout;
  const int64_t rows = l.s.channels * l.s.height * l.s.width;
  const int64_t plane = l.gradient_plane() * kDocuments;
  float* expanded = scratch.expanded.reserve(l.s.filters * plane);
  std::fill_n(expanded, l.s.filters * plane, 0.f);
  float* gradient = scratch.input_gradient.reserve(rows * kDocuments);
  for (int64_t o = 0; o < l.s.filters; ++o)
    expand(job, block, o, output_gradient,
           {expanded + o * plane + (l.s.kernel_width - 1) * kDocuments, l.gradient_width(),
            kDocuments});
  for (int64_t y = 0; y < l.s.height; ++y)
    for (int64_t x = 0; x < l.s.width; x += kPositions)
      for (size_t lane = 0; lane < kDocuments; lane += hn::Lanes(Images()))
        input_group(job, expanded, y, x, std::min<int64_t>(kPositions, l.s.width - x), lane,
                    gradient);
  const auto images = image_rows(job, block, job.input_gradient, rows);
  scatter_rows(gradient, kDocuments, rows, images.data(), job.used(block));
}

}  // namespace

void conv2d_backward_target(const Conv2dJob& job, int64_t block) {
  const Conv2dLayout& l = job.layout;
  thread_local Scratch scratch;
  float* output_gradient = scratch.output_gradient.reserve(l.output_rows() * kDocuments);
  const auto rows = image_rows(job, block, job.output_gradient, l.output_rows());
  gather_rows(rows.data(), l.output_rows(), output_gradient, kDocuments);
  weight_gradients(job, block, output_gradient, scratch);
  if (job.input_gradient) input_gradients(job, block, output_gradient, scratch);
}

void conv2d_pack_turned(const Conv2dShape& s, const float* weight, float* packed) {
  const int64_t cells = s.kernel_height * s.kernel_width;
  pack_tiles(
      s.channels, s.filters, cells,
      [&](int64_t c, int64_t o, int64_t cell) {
        return weight[(o * s.channels + c) * cells + cells - 1 - cell];
      },
      packed);
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nnrun::kernels {

HWY_EXPORT(conv2d_backward_target);
HWY_EXPORT(conv2d_pack_turned);

void pack_conv2d_backward(const Conv2dShape& shape, const float* weight, float* packed) {
  HWY_DYNAMIC_DISPATCH(conv2d_pack_turned)(shape, weight, packed);
}
void conv2d_block_backward(const Conv2dJob& job, int64_t block) {
  HWY_DYNAMIC_DISPATCH(conv2d_backward_target)(job, block);
}

}  // namespace nnrun::kernels
#endif  // HWY_ONCE
