#include "model/kernels/cpu/max_pool.h"

#include <algorithm>
#include <limits>

namespace nnrun::kernels {
namespace {

constexpr int64_t kPlanes = 64;  // per piece of work

template <class Body>
void for_each_plane(const MaxPoolShape& shape, const ParallelFor& parallel_for, const Body& body) {
  parallel_for((shape.planes + kPlanes - 1) / kPlanes, [&](int64_t piece) {
    const int64_t end = std::min(shape.planes, (piece + 1) * kPlanes);
    for (int64_t plane = piece * kPlanes; plane < end; ++plane) body(plane);
  });
}

/// Outputs [begin, end) along one axis whose window has its cell `k` inside the input.
struct Range {
  int64_t begin, end;
};
Range outputs_with(int64_t k, int64_t stride, int64_t pad, int64_t input, int64_t output) {
  const int64_t first = pad - k, last = input - 1 + pad - k;  // p stride in [first, last]
  return {first <= 0 ? 0 : (first + stride - 1) / stride,
          last < 0 ? 0 : std::min(output, last / stride + 1)};
}

/// Compares line `y` of the input with what one line of the output holds so far, cell by cell of
/// the windows. Without branches: which value wins cannot be foreseen.
void compare_line(const MaxPoolShape& s, const float* plane, int64_t y, float* best,
                  int32_t* places) {
  for (int64_t k = 0; k < s.size_x; ++k) {
    const Range range = outputs_with(k, s.stride_x, s.pad_left, s.width, s.output_width);
    int64_t at = y * s.width + range.begin * s.stride_x + k - s.pad_left;
    for (int64_t x = range.begin; x < range.end; ++x, at += s.stride_x) {
      const float value = plane[at], old = best[x];
      const int32_t place = places[x];
      const bool take = (value > old) | (value != value);
      best[x] = take ? value : old;
      places[x] = take ? static_cast<int32_t>(at) : place;
    }
  }
}

/// One line of the output. It starts with each window's first cell, which wins where all values
/// are minus infinity.
void pool_line(const MaxPoolShape& s, const float* plane, int64_t line, float* best,
               int32_t* places) {
  const int64_t top = line * s.stride_y - s.pad_top;
  const int64_t first = std::max<int64_t>(0, top), last = std::min(s.height, top + s.size_y);
  for (int64_t x = 0; x < s.output_width; ++x)
    places[x] =
        static_cast<int32_t>(first * s.width + std::max<int64_t>(0, x * s.stride_x - s.pad_left));
  std::fill_n(best, s.output_width, -std::numeric_limits<float>::infinity());
  for (int64_t y = first; y < last; ++y) compare_line(s, plane, y, best, places);
}

}  // namespace

void max_pool_forward(const MaxPoolShape& shape, const float* input, float* output,
                      int32_t* choices, const ParallelFor& parallel_for) {
  for_each_plane(shape, parallel_for, [&](int64_t plane) {
    thread_local std::vector<int32_t> unwanted;
    if (!choices) unwanted.resize(static_cast<size_t>(shape.output_width));
    for (int64_t y = 0; y < shape.output_height; ++y) {
      const int64_t at = plane * shape.output_plane() + y * shape.output_width;
      pool_line(shape, input + plane * shape.plane(), y, output + at,
                choices ? choices + at : unwanted.data());
    }
  });
}

void max_pool_backward(const MaxPoolShape& shape, const int32_t* choices,
                       const float* output_gradient, float* input_gradient,
                       const ParallelFor& parallel_for) {
  for_each_plane(shape, parallel_for, [&](int64_t plane) {
    float* const to = input_gradient + plane * shape.plane();
    std::fill_n(to, shape.plane(), 0.F);
    const int64_t begin = plane * shape.output_plane();
    for (int64_t at = begin; at < begin + shape.output_plane(); ++at)
      to[choices[at]] += output_gradient[at];
  });
}

}  // namespace nnrun::kernels
