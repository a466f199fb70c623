// What both halves of the convolution's backward pass need. Included once per instruction set.
#if defined(NNRUN_KERNELS_CONV2D_IMAGE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef NNRUN_KERNELS_CONV2D_IMAGE_INL_H_
#undef NNRUN_KERNELS_CONV2D_IMAGE_INL_H_
#else
#define NNRUN_KERNELS_CONV2D_IMAGE_INL_H_
#endif

#include <algorithm>
#include <vector>

#include "model/kernels/cpu/conv2d_job.h"
#include "model/kernels/cpu/conv2d_terms-inl.h"
#include "model/kernels/cpu/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// One image of the batch.
struct Image {
  const Conv2dJob& job;
  int64_t n;

  /// Where filter `o` begins in arrays [N, O, output].
  int64_t row(int64_t o) const {
    return (n * job.layout.s.filters + o) * job.layout.output_plane();
  }
};

/// Terms of an image in groups: group i is [starts[i], starts[i + 1]).
struct TermList {
  Buffer factors;
  std::vector<int32_t> offsets;
  std::vector<int64_t> starts;

  /// Room for `size` terms and a vector more.
  void reserve(int64_t size) {
    factors.reserve(size + kDocuments);
    offsets.resize(std::max(offsets.size(), static_cast<size_t>(size + kDocuments)));
  }
  Terms group(int64_t i, const float* rows) const {
    const auto at = static_cast<size_t>(i);
    const int64_t begin = starts[at];
    return {rows, factors.data() + begin, offsets.data() + begin, starts[at + 1] - begin};
  }
};

/// visit(line of the image, its place among the pixels) for the lines that a patch can cover.
template <class Visit>
void for_each_line(const Conv2dPatches& p, const Visit& visit) {
  const int64_t lines = std::min(p.l.s.height, p.l.padded_height() - p.l.s.pad_top);
  for (int64_t y = 0; y < lines; ++y)
    visit(y, ((y + p.l.s.pad_top) * p.l.padded_width() + p.l.s.pad_left) * p.pixel);
}

inline int64_t used_columns(const Conv2dLayout& l) {
  return std::min(l.s.width, l.padded_width() - l.s.pad_left);
}

inline void gather_pixels(const Image& image, const Conv2dPatches& p, float* pixels) {
  const Conv2dShape& s = p.l.s;
  const float* from = image.job.input + image.n * s.channels * s.height * s.width;
  for_each_line(p, [&](int64_t y, int64_t at) {
    transpose(
        s.channels, used_columns(p.l),
        [&](int64_t c) { return from + (c * s.height + y) * s.width; },
        [&](int64_t x) { return pixels + at + x * p.pixel; });
  });
}

inline void scatter_pixels(const Image& image, const Conv2dPatches& p, const float* pixels) {
  const Conv2dShape& s = p.l.s;
  float* to = image.job.input_gradient + image.n * s.channels * s.height * s.width;
  for_each_line(p, [&](int64_t y, int64_t at) {
    transpose(
        used_columns(p.l), s.channels, [&](int64_t x) { return pixels + at + x * p.pixel; },
        [&](int64_t c) { return to + (c * s.height + y) * s.width; });
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#endif  // toggle
