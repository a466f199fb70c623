#include <algorithm>
#include <vector>

#include "model/kernels/cpu/conv2d_job.h"

// This file is compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu/conv2d_input_gradient.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "model/kernels/cpu/conv2d_image-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace {

struct Scratch {
  Buffer pixels;  ///< the image's gradient, channels side by side
  TermList terms;
  std::vector<Terms> groups;
};

/// All values of an image as factors of their filters' patches, grouped by the position of the
/// convolution's output that they came from, in order of filters.
void group_terms(const Image& image, const Conv2dPatches& p, Scratch& scratch) {
  const Conv2dShape& s = p.l.s;
  const auto positions = static_cast<size_t>(s.conv_height * s.conv_width);
  const auto for_each_passed = [&](const auto& visit) {
    for (int64_t o = 0; o < s.filters; ++o) {
      const float* choice = image.job.choices + image.row(o);
      const float* gradient = image.job.output_gradient + image.row(o);
      for (int64_t y = 0; y < s.output_height(); ++y)
        for (int64_t x = 0; x < s.output_width(); ++x, ++choice, ++gradient) {
          if (*choice == Conv2dLayout::kCut) continue;
          const auto cell = static_cast<int32_t>(*choice);  // of the pooling window
          const int64_t line = y * s.window() + cell / 2, column = x * s.window() + cell % 2;
          visit(o, static_cast<size_t>(line * s.conv_width + column), *gradient);
        }
    }
  };
  std::vector<int64_t>& starts = scratch.terms.starts;
  starts.assign(positions + 2, 0);
  for_each_passed([&](int64_t, size_t position, float) { ++starts[position + 2]; });
  for (size_t i = 2; i < starts.size(); ++i) starts[i] += starts[i - 1];
  for_each_passed([&](int64_t o, size_t position, float gradient) {
    const int64_t at = starts[position + 1]++;
    scratch.terms.factors.data()[at] = gradient;
    scratch.terms.offsets[static_cast<size_t>(at)] = static_cast<int32_t>(o * p.patch());
  });
}

/// Adds to the pixels from (y, x) on what the kernel lines that meet them give.
void add_patch_lines(const Conv2dJob& job, const Conv2dPatches& p, int64_t y, int64_t x,
                     Scratch& scratch) {
  scratch.groups.clear();
  for (int64_t line = 0; line < p.l.s.kernel_height; ++line) {
    if (y - line < 0 || y - line >= p.l.s.conv_height) continue;
    const int64_t position = (y - line) * p.l.s.conv_width + x;
    const Terms terms = scratch.terms.group(position, job.packed + line * p.line);
    if (terms.count > 0) scratch.groups.push_back(terms);
  }
  add_terms(scratch.groups.data(), static_cast<int64_t>(scratch.groups.size()), p.line,
            scratch.pixels.data() + (y * p.l.padded_width() + x) * p.pixel);
}

}  // namespace

void input_gradient_target(const Conv2dJob& job, int64_t part) {
  thread_local Scratch scratch;
  const Conv2dPatches p = job.gradient_patches();
  scratch.pixels.reserve(p.image());
  scratch.terms.reserve(p.l.output_rows());
  for (int64_t n = job.part_begin(part); n < job.part_begin(part + 1); ++n) {
    const Image image{job, n};
    group_terms(image, p, scratch);
    std::fill_n(scratch.pixels.data(), p.image(), 0.f);
    for (int64_t y = 0; y < p.l.padded_height(); ++y)
      for (int64_t x = 0; x < p.l.s.conv_width; ++x) add_patch_lines(job, p, y, x, scratch);
    scatter_pixels(image, p, scratch.pixels.data());
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nnrun::kernels {

HWY_EXPORT(input_gradient_target);

void conv2d_part_input_gradient(const Conv2dJob& job, int64_t part) {
  HWY_DYNAMIC_DISPATCH(input_gradient_target)(job, part);
}

}  // namespace nnrun::kernels
#endif  // HWY_ONCE
