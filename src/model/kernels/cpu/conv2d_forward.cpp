#include <algorithm>

#include "model/kernels/cpu/conv2d_job.h"

// This file is compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu/conv2d_forward.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "model/kernels/cpu/conv2d_tile-inl.h"
#include "model/kernels/cpu/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace {

/// The images as [C, H padded, W padded, 16].
void gather_images(const Conv2dJob& job, int64_t block, float* to) {
  const Conv2dLayout& l = job.layout;
  const bool padded = l.padded_height() != l.s.height || l.padded_width() != l.s.width;
  if (padded) std::fill_n(to, l.input_rows() * kDocuments, 0.f);
  const int64_t lines = std::min(l.s.height, l.padded_height() - l.s.pad_top);
  const int64_t columns = std::min(l.s.width, l.padded_width() - l.s.pad_left);
  const int64_t image = l.s.channels * l.s.height * l.s.width;
  for (int64_t c = 0; c < l.s.channels; ++c)
    for (int64_t y = 0; y < lines; ++y) {
      const auto rows = image_rows(job, block, job.input + (c * l.s.height + y) * l.s.width, image);
      const int64_t at = c * l.input_plane() + (y + l.s.pad_top) * l.padded_width() + l.s.pad_left;
      gather_rows(rows.data(), columns, to + at * kDocuments, kDocuments);
    }
}

/// The largest of four values as max_pool2d picks it: the first of equals, and NaN before all.
HWY_INLINE void pick_largest(const Tile& tile, int channel, Vector& best, Vector& choice) {
  const Images d;
  best = tile[0][channel];
  choice = hn::Zero(d);
  for (int i = 1; i < kPositions; ++i) {
    const Vector value = tile[i][channel];
    const auto take = hn::Or(hn::Gt(value, best), hn::IsNaN(value));
    best = hn::IfThenElse(take, value, best);
    choice = hn::IfThenElse(take, hn::Set(d, static_cast<float>(i)), choice);
  }
}

/// Where a value of the output goes.
struct Target {
  float* value;
  float* choice;  ///< or null
};

HWY_INLINE void store(const Conv2dShape& s, Vector value, Vector choice, const Target& to) {
  const Images d;
  if (s.relu) {
    const auto cut = hn::Le(value, hn::Zero(d));
    value = hn::IfThenZeroElse(cut, value);
    choice = hn::IfThenElse(cut, hn::Set(d, Conv2dLayout::kCut), choice);
  }
  hn::Store(value, d, to.value);
  if (to.choice) hn::Store(choice, d, to.choice);
}

/// Four positions of the convolution: a pooling window, or neighbours in a line.
struct Group {
  int64_t y, x;     ///< of the output
  int64_t outputs;  ///< values of the output that it gives
};

Offsets offsets_of(const Conv2dLayout& l, const Group& group) {
  if (l.s.pool) return {0, 1, l.padded_width(), l.padded_width() + 1};
  const int64_t last = group.outputs - 1;
  return {0, std::min<int64_t>(1, last), std::min<int64_t>(2, last), last};
}

void convolve_group(const Conv2dJob& job, const float* input, const Group& group, size_t lane,
                    const Target& out) {
  const Conv2dLayout& l = job.layout;
  const int64_t window = l.s.window();
  const int64_t origin = group.y * window * l.padded_width() + group.x * window;
  const Operand operand{input + origin * kDocuments + lane, l.s.channels, l.input_plane(),
                        l.padded_width()};
  const Offsets offsets = offsets_of(l, group);
  for (int64_t o = 0; o < l.s.filters; o += kChannels) {
    Tile tile;
    for (auto& position : tile)
      for (int j = 0; j < kChannels; ++j) position[j] = hn::Set(Images(), job.bias[o + j]);
    convolve(operand, offsets, job.packed + o * l.s.taps(), l.s.kernel_height, l.s.kernel_width,
             tile);
    for (int j = 0; j < std::min<int64_t>(kChannels, l.s.filters - o); ++j) {
      const int64_t first = (o + j) * l.output_plane() + group.y * l.s.output_width() + group.x;
      const int64_t row = first * kDocuments + static_cast<int64_t>(lane);
      const auto target = [&](int64_t i) {
        return Target{out.value + row + i * kDocuments,
                      out.choice ? out.choice + row + i * kDocuments : nullptr};
      };
      if (l.s.pool) {
        Vector best, choice;
        pick_largest(tile, j, best, choice);
        store(l.s, best, choice, target(0));
      } else {
        for (int64_t i = 0; i < group.outputs; ++i)
          store(l.s, tile[i][j], hn::Zero(Images()), target(i));
      }
    }
  }
}

/// [O, output, 16] -> the images of an array [N, O, output].
void scatter_output(const Conv2dJob& job, int64_t block, const float* from, float* to) {
  const int64_t size = job.layout.output_rows();
  const auto rows = image_rows(job, block, to, size);
  scatter_rows(from, kDocuments, size, rows.data(), job.used(block));
}

void block_forward(const Conv2dJob& job, int64_t block) {
  const Conv2dLayout& l = job.layout;
  thread_local Buffer images, values, choices;
  float* const input = images.reserve(l.input_rows() * kDocuments);
  const int64_t size = l.output_rows() * kDocuments;
  const Target out{values.reserve(size), job.choices ? choices.reserve(size) : nullptr};
  gather_images(job, block, input);
  const int64_t step = l.s.pool ? 1 : kPositions;
  for (int64_t y = 0; y < l.s.output_height(); ++y)
    for (int64_t x = 0; x < l.s.output_width(); x += step)
      for (size_t lane = 0; lane < kDocuments; lane += hn::Lanes(Images()))
        convolve_group(job, input, {y, x, std::min(step, l.s.output_width() - x)}, lane, out);
  scatter_output(job, block, out.value, job.output);
  if (out.choice) scatter_output(job, block, out.choice, job.choices);
}

}  // namespace

void conv2d_forward_target(const Conv2dJob& job, int64_t block) { block_forward(job, block); }

void conv2d_pack_target(const Conv2dShape& s, const float* weight, float* packed) {
  const int64_t cells = s.kernel_height * s.kernel_width;
  pack_tiles(
      s.filters, s.channels, cells,
      [&](int64_t o, int64_t c, int64_t cell) {
        return weight[(o * s.channels + c) * cells + cell];
      },
      packed);
}

int64_t conv2d_tile_channels() { return kChannels; }

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nnrun::kernels {

HWY_EXPORT(conv2d_forward_target);
HWY_EXPORT(conv2d_pack_target);
HWY_EXPORT(conv2d_tile_channels);

int64_t conv2d_packed_size(const Conv2dShape& shape) {
  return round_up(shape.filters, HWY_DYNAMIC_DISPATCH(conv2d_tile_channels)()) * shape.taps();
}
void pack_conv2d_forward(const Conv2dShape& shape, const float* weight, float* packed) {
  HWY_DYNAMIC_DISPATCH(conv2d_pack_target)(shape, weight, packed);
}
void conv2d_block_forward(const Conv2dJob& job, int64_t block) {
  HWY_DYNAMIC_DISPATCH(conv2d_forward_target)(job, block);
}

}  // namespace nnrun::kernels
#endif  // HWY_ONCE
