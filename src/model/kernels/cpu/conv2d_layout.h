#pragma once

#include <algorithm>

#include "model/kernels/cpu/conv2d.h"
#include "model/kernels/cpu/recurrent_layout.h"

namespace nnrun::kernels {

/// Sizes, in rows of 16 images unless said otherwise.
struct Conv2dLayout {
  Conv2dShape s;

  /// A choice: which position of the pooling window was the largest (0 … 3, row by row; 0 without
  /// pooling), or kCut where the ReLU cut it off.
  static constexpr float kCut = 4;

  int64_t blocks() const { return (s.batch + kDocuments - 1) / kDocuments; }
  int64_t padded_height() const { return s.conv_height + s.kernel_height - 1; }
  int64_t padded_width() const { return s.conv_width + s.kernel_width - 1; }
  int64_t input_plane() const { return padded_height() * padded_width(); }
  int64_t input_rows() const { return s.channels * input_plane(); }
  int64_t output_plane() const { return s.output_height() * s.output_width(); }
  int64_t output_rows() const { return s.filters * output_plane(); }
};

/// How the backward pass sees an image: the channels of a pixel side by side, so that what the
/// kernel covers from one position on (a patch) is a few runs of consecutive floats. Sizes in
/// floats unless said otherwise; runs are whole vectors of 16.
///
/// With 16 channels and more a pixel is padded to whole vectors, and a patch is one run per kernel
/// line: [line][column][channel]. With fewer, each position gets its own copy of the line it
/// covers, and these copies lie below each other: [column][line][covered columns, channel]; a patch
/// is then one run. The copies of a band of lines at a time stay in the first-level cache.
struct Conv2dPatches {
  /// Of the input, where the kernel walks; or of its gradient, where patches are added up.
  enum class Of { kInput, kGradient };
  Conv2dPatches(const Conv2dLayout& layout, Of of)
      : l(layout),
        copied(of == Of::kInput && l.s.channels < 16),
        pixel(copied ? l.s.channels : round_up(l.s.channels, 16)),
        line(round_up(l.s.kernel_width * pixel, 16)),
        band(copied ? std::clamp<int64_t>(lines_that_fit(), 1, l.s.output_height())
                    : l.s.output_height()) {}

  Conv2dLayout l;
  bool copied;    ///< fewer than 16 channels
  int64_t pixel;  ///< from one pixel to the next
  int64_t line;   ///< what one kernel line covers
  int64_t band;   ///< lines of the output handled together

  int64_t runs() const { return copied ? 1 : l.s.kernel_height; }
  int64_t run() const { return copied ? patch() : line; }
  int64_t patch() const { return l.s.kernel_height * line; }
  int64_t image() const { return l.padded_height() * l.padded_width() * pixel; }

  /// Lines of the input that a band covers, and the floats of their copies.
  int64_t band_lines() const { return band * l.s.window() + l.s.kernel_height - 1; }
  int64_t bands() const { return (l.s.output_height() + band - 1) / band; }
  int64_t band_size() const { return l.s.conv_width * band_lines() * line; }

  /// From a patch to the one at the next column or line.
  int64_t column_step() const { return copied ? band_lines() * line : pixel; }
  int64_t line_step() const { return copied ? line : l.padded_width() * pixel; }

  /// Place of kernel cell (line y, column x) of channel c in a patch.
  int64_t at(int64_t c, int64_t y, int64_t x) const { return y * line + x * pixel + c; }

 private:
  static constexpr int64_t kCache = 32 * 1024 / sizeof(float);
  int64_t lines_that_fit() const {
    return (kCache / (l.s.conv_width * line) - (l.s.kernel_height - 1)) / l.s.window();
  }
};

}  // namespace nnrun::kernels
