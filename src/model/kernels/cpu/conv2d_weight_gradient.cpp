#include <algorithm>
#include <vector>

#include "model/kernels/cpu/conv2d_job.h"

// This file is compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu/conv2d_weight_gradient.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "model/kernels/cpu/conv2d_image-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace {

struct Scratch {
  Buffer pixels;  ///< the image, channels side by side
  Buffer band;    ///< copies of the lines that the positions of a band cover
  TermList terms;
  std::vector<int32_t> places;  ///< of the patch of each value in a band, for choice 0
};

/// [column][line][what the kernel covers of it] for the lines of the band from output line `first`
/// on.
void copy_band(const Conv2dPatches& p, int64_t first, const float* pixels, float* band) {
  const hn::CappedTag<float, 16> d;
  const int64_t top = first * p.l.s.window();
  const int64_t lines = std::min(p.band_lines(), p.l.padded_height() - top);
  for (int64_t x = 0; x < p.l.s.conv_width; ++x)
    for (int64_t y = 0; y < lines; ++y) {
      const float* from = pixels + ((top + y) * p.l.padded_width() + x) * p.pixel;
      float* to = band + x * p.column_step() + y * p.line_step();
      for (int64_t i = 0; i < p.line; i += static_cast<int64_t>(hn::Lanes(d)))
        hn::Store(hn::LoadU(d, from + i), d, to + i);
    }
}

/// Offsets of the patches that the first positions of a band's pooling windows cover.
void list_places(const Conv2dPatches& p, std::vector<int32_t>& places) {
  places.clear();
  for (int64_t y = 0; y < p.band; ++y)
    for (int64_t x = 0; x < p.l.s.output_width(); ++x)
      places.push_back(
          static_cast<int32_t>((y * p.line_step() + x * p.column_step()) * p.l.s.window()));
  places.resize(places.size() + kDocuments);  // read by whole vectors
}

/// Appends the values of the output [at, at + size) that the ReLU let through, as factors of the
/// patches that they came from, to the `count` terms; returns their new number.
int64_t append_terms(const Conv2dJob& job, const Conv2dPatches& p, int64_t at, int64_t size,
                     int64_t count, Scratch& scratch) {
  const hn::CappedTag<float, 16> d;
  const hn::Rebind<int32_t, decltype(d)> di;
  const auto column = hn::Set(di, static_cast<int32_t>(p.column_step()));
  const auto line = hn::Set(di, static_cast<int32_t>(p.line_step()));
  for (int64_t i = 0; i < size; i += static_cast<int64_t>(hn::Lanes(d))) {
    const auto there = hn::FirstN(d, static_cast<size_t>(size - i));
    const auto gradient = hn::MaskedLoad(there, d, job.output_gradient + at + i);
    const auto choice = hn::MaskedLoad(there, d, job.choices + at + i);
    const auto passed = hn::And(there, hn::Lt(choice, hn::Set(d, Conv2dLayout::kCut)));
    const auto bits = hn::ConvertTo(di, choice);
    const auto right = hn::TestBit(bits, hn::Set(di, 1)), below = hn::TestBit(bits, hn::Set(di, 2));
    const auto moved = hn::Add(hn::IfThenElseZero(right, column), hn::IfThenElseZero(below, line));
    const auto offset = hn::Add(hn::LoadU(di, scratch.places.data() + i), moved);
    hn::StoreU(hn::Compress(gradient, passed), d, scratch.terms.factors.data() + count);
    hn::StoreU(hn::Compress(offset, hn::RebindMask(di, passed)), di,
               scratch.terms.offsets.data() + count);
    count += static_cast<int64_t>(hn::CountTrue(d, passed));
  }
  return count;
}

/// All terms of an image, one group per filter and band.
void list_terms(const Image& image, const Conv2dPatches& p, Scratch& scratch) {
  const int64_t width = p.l.s.output_width();
  std::vector<int64_t>& starts = scratch.terms.starts;
  starts.assign(1, 0);
  for (int64_t o = 0; o < p.l.s.filters; ++o)
    for (int64_t first = 0; first < p.l.s.output_height(); first += p.band) {
      const int64_t lines = std::min(p.band, p.l.s.output_height() - first);
      starts.push_back(append_terms(image.job, p, image.row(o) + first * width, lines * width,
                                    starts.back(), scratch));
    }
}

float sum_of(const float* values, int64_t count) {
  const hn::CappedTag<float, 16> d;
  auto sum = hn::Zero(d);
  for (int64_t i = 0; i < count; i += static_cast<int64_t>(hn::Lanes(d)))
    sum =
        hn::Add(sum, hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(count - i)), d, values + i));
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

/// Adds an image's share of the gradients of weights and biases to its part's.
void weight_gradients(const Image& image, const Conv2dPatches& p, float* partial,
                      Scratch& scratch) {
  const int64_t filters = p.l.s.filters, bands = p.bands();
  float* const bias = partial + filters * p.patch();
  gather_pixels(image, p, scratch.pixels.data());
  list_terms(image, p, scratch);
  for (int64_t band = 0; band < bands; ++band) {
    if (p.copied) copy_band(p, band * p.band, scratch.pixels.data(), scratch.band.data());
    const float* const rows = p.copied ? scratch.band.data() : scratch.pixels.data();
    for (int64_t o = 0; o < filters; ++o)
      for (int64_t run = 0; run < p.runs(); ++run) {
        const Terms terms = scratch.terms.group(o * bands + band, rows + run * p.line_step());
        add_terms(&terms, 1, p.run(), partial + o * p.patch() + run * p.run());
        if (run == 0) bias[o] += sum_of(terms.factors, terms.count);
      }
  }
}

}  // namespace

void weight_gradient_target(const Conv2dJob& job, int64_t part) {
  thread_local Scratch scratch;
  const Conv2dPatches p = job.input_patches();
  const int64_t pixels = p.image() + p.line;  // a band's copies may read beyond the last pixel
  std::fill_n(scratch.pixels.reserve(pixels), pixels, 0.f);
  float* const partial = job.partials + part * job.partial_size();
  std::fill_n(partial, job.partial_size(), 0.f);
  if (p.copied) scratch.band.reserve(p.band_size());
  scratch.terms.reserve(p.l.output_rows());
  list_places(p, scratch.places);
  for (int64_t n = job.part_begin(part); n < job.part_begin(part + 1); ++n)
    weight_gradients({job, n}, p, partial, scratch);
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nnrun::kernels {

HWY_EXPORT(weight_gradient_target);

void conv2d_part_weight_gradient(const Conv2dJob& job, int64_t part) {
  HWY_DYNAMIC_DISPATCH(weight_gradient_target)(job, part);
}

}  // namespace nnrun::kernels
#endif  // HWY_ONCE
