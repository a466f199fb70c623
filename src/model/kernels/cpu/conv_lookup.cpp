#include <algorithm>
#include <array>

#include "model/kernels/cpu/conv_lookup_job.h"
#include "model/kernels/cpu/row_products.h"
#include "model/kernels/cpu/token_products.h"

// This file is compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu/conv_lookup.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::CappedTag<float, kRowAlign>;

/// sum[o] = bias[o] + the products of the window's tokens, for the vector of filters at `filter`.
HWY_INLINE hn::Vec<Lanes> window_sum(const ConvLookupJob& job, const int32_t* slots, int64_t p,
                                     int64_t filter, const float* bias) {
  const Lanes d;
  auto sum = hn::LoadU(d, bias + filter);
  const int32_t* window = slots + p * job.shape.stride - job.shape.pad_before;
  const float* cells = job.products + filter;
  for (int64_t k = job.first_cell(p); k < job.last_cell(p); ++k)
    sum = hn::Add(sum, hn::LoadU(d, cells + window[k] * job.row + k * job.shape.filters));
  return sum;
}

/// output[o, p] of one document; `bias` is padded.
void conv_forward(const ConvLookupJob& job, int64_t document, const float* bias, float* output) {
  const ConvLookupShape& s = job.shape;
  const int32_t* slots = job.tokens.slots.data() + document * s.length;
  const Lanes d;
  float* to = output + document * s.filters * s.outputs;
  for (int64_t p = 0; p < s.outputs; ++p)
    for (int64_t o = 0; o < s.filters; o += static_cast<int64_t>(hn::Lanes(d))) {
      alignas(64) std::array<float, kRowAlign> values;
      hn::Store(window_sum(job, slots, p, o, bias), d, values.data());
      const int64_t used = std::min<int64_t>(static_cast<int64_t>(hn::Lanes(d)), s.filters - o);
      for (int64_t i = 0; i < used; ++i) {
        const float value = values[static_cast<size_t>(i)];
        to[(o + i) * s.outputs + p] = s.relu && value < 0 ? 0 : value;
      }
    }
}

/// Calls visit(first filter) for every vector of filters.
template <class Visit>
HWY_INLINE void for_each_filter(int64_t filters, const Visit& visit) {
  for (int64_t o = 0; o < filters; o += static_cast<int64_t>(hn::Lanes(Lanes()))) visit(o);
}

/// Adds the gradients of the outputs whose window has this place of a text at cell k to cells[k, o
/// padded].
void add_place(const ConvLookupJob& job, int32_t position, float* cells) {
  const ConvLookupShape& s = job.shape;
  const int64_t document = position / s.length;
  const int64_t place = position % s.length + s.pad_before;  // = p stride + k
  const float* gradients = job.gradients + document * s.outputs * job.padded;
  const int64_t last = std::min(place / s.stride, s.outputs - 1);
  for (int64_t p = last; p >= 0 && place - p * s.stride < s.kernel; --p) {
    float* to = cells + (place - p * s.stride) * job.padded;
    const float* from = gradients + p * job.padded;
    for_each_filter(s.filters, [&](int64_t o) HWY_ATTR {
      const Lanes d;
      hn::Store(hn::Add(hn::Load(d, to + o), hn::Load(d, from + o)), d, to + o);
    });
  }
}

/// One token's row of gradients, from all its positions; `cells` is scratch, [K, O padded].
void conv_sum_token(const ConvLookupJob& job, const int32_t* positions, int64_t count, float* cells,
                    float* row) {
  const ConvLookupShape& s = job.shape;
  std::fill_n(cells, s.kernel * job.padded, 0.f);
  for (int64_t i = 0; i < count; ++i) add_place(job, positions[i], cells);
  std::fill_n(row, job.row, 0.f);
  for (int64_t k = 0; k < s.kernel;
       ++k)  // a vector's tail is zero and overwritten by the next cell
    for_each_filter(s.filters, [&](int64_t o) HWY_ATTR {
      const Lanes d;
      hn::StoreU(hn::Load(d, cells + k * job.padded + o), d, row + k * s.filters + o);
    });
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nnrun::kernels {

HWY_EXPORT(conv_forward);
HWY_EXPORT(conv_sum_token);

namespace {

int64_t padded_filters(const ConvLookupShape& shape) {
  return (shape.filters + kRowAlign - 1) / kRowAlign * kRowAlign;
}

/// Columns k O + o; the last cell has room for a whole vector.
TokenWeight token_weight(const ConvLookupShape& shape) {
  TokenWeight layout;
  layout.features = shape.inputs;
  layout.feature_stride = shape.kernel;
  const int64_t used = (shape.kernel - 1) * shape.filters + padded_filters(shape);
  layout.offsets.assign(static_cast<size_t>((used + kRowAlign - 1) / kRowAlign * kRowAlign), -1);
  for (int64_t k = 0; k < shape.kernel; ++k)
    for (int64_t o = 0; o < shape.filters; ++o)
      layout.offsets[static_cast<size_t>(k * shape.filters + o)] =
          o * shape.inputs * shape.kernel + k;
  return layout;
}

/// The output's gradient as [P, O padded] per document, zero where relu cut.
void transpose_gradient(const ConvLookupShape& s, int64_t document, const float* output,
                        const float* output_gradient, float* to) {
  const int64_t padded = padded_filters(s);
  float* rows = to + document * s.outputs * padded;
  std::fill_n(rows, s.outputs * padded, 0.f);
  for (int64_t o = 0; o < s.filters; ++o) {
    const int64_t first = (document * s.filters + o) * s.outputs;
    for (int64_t p = 0; p < s.outputs; ++p) {
      const float gradient = output_gradient[first + p];  // read in any case: no branch
      rows[p * padded + o] = s.relu & (output[first + p] <= 0) ? 0.f : gradient;
    }
  }
}

/// Document by document in order.
void sum_bias(const ConvLookupShape& s, const float* gradients, float* bias) {
  const int64_t padded = padded_filters(s);
  std::fill_n(bias, s.filters, 0.f);
  for (int64_t p = 0; p < s.batch * s.outputs; ++p)
    for (int64_t o = 0; o < s.filters; ++o) bias[o] += gradients[p * padded + o];
}

}  // namespace

void conv_lookup_forward(const ConvLookupShape& shape, const float* weight, const float* bias,
                         const ConvLookupInput& input, float* output, ConvLookupTape& tape,
                         const ParallelFor& parallel_for) {
  const TokenWeight layout = token_weight(shape);
  const int64_t padded = padded_filters(shape);
  const float* products = multiply_tokens(layout, weight, nullptr, *input.tokens, input.embedding,
                                          tape.tokens, parallel_for);
  std::vector<float> padded_bias(static_cast<size_t>(padded), 0.f);
  std::copy_n(bias, shape.filters, padded_bias.begin());
  const ConvLookupJob job{shape, *input.tokens, padded, layout.row(), products, nullptr};
  const auto run = HWY_DYNAMIC_DISPATCH(conv_forward);
  parallel_for(shape.batch, [&](int64_t n) { run(job, n, padded_bias.data(), output); });
}

void conv_lookup_backward(const ConvLookupShape& shape, const ConvLookupInput& input,
                          const float* output, const float* output_gradient,
                          const ConvLookupGradients& gradients, ConvLookupTape& tape,
                          const ParallelFor& parallel_for) {
  const TokenWeight layout = token_weight(shape);
  const int64_t padded = padded_filters(shape);
  float* by_position = tape.gradients.reserve(shape.batch * shape.outputs * padded);
  parallel_for(shape.batch, [&](int64_t n) {
    transpose_gradient(shape, n, output, output_gradient, by_position);
  });
  sum_bias(shape, by_position, gradients.bias);
  const ConvLookupJob job{shape, *input.tokens, padded, layout.row(), nullptr, by_position};
  const auto run = HWY_DYNAMIC_DISPATCH(conv_sum_token);
  const auto sum = [&](const int32_t* positions, int64_t count, float* row) {
    thread_local Buffer cells;
    run(job, positions, count, cells.reserve(shape.kernel * padded), row);
  };
  sum_by_token(*input.tokens, layout.row(), sum, tape.tokens.products.data(), tape.scratch,
               parallel_for);
  token_gradients(layout, *input.tokens, input.embedding, gradients.weight, gradients.embedding,
                  tape.tokens, parallel_for);
}

}  // namespace nnrun::kernels
#endif  // HWY_ONCE
