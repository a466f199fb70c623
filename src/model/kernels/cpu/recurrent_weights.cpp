#include <algorithm>
#include <tuple>

#include "model/kernels/cpu/recurrent_job.h"

// This file is compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu/recurrent_weights.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "model/kernels/cpu/recurrent_block-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace {

/// `matrix` is [G H, columns]: forward products run over its columns, backward products over its
/// rows.
template <class Cell>
void pack_matrix(const float* matrix, int64_t units, int64_t columns, float* forward,
                 float* backward) {
  const auto at = [&](int64_t gate, int64_t unit, int64_t column) {
    return matrix[(gate * units + unit) * columns + column];
  };
  pack_weights<Cell>(units, columns, at, forward);
  pack_weights<Cell>(
      columns, units, [&](int64_t gate, int64_t c, int64_t u) { return at(gate, u, c); }, backward);
}

template <class Cell>
void pack_all(const RecurrentJob& job) {
  const auto& [shape, weights, packed] = std::tie(job.layout.shape, job.weights, job.packed);
  if (!job.layout.tokens)
    pack_matrix<Cell>(weights.weight_ih, shape.units, shape.inputs, packed.forward_ih,
                      packed.backward_ih);
  pack_matrix<Cell>(weights.weight_hh, shape.units, shape.units, packed.forward_hh,
                    packed.backward_hh);
  const auto pack_bias = [&](const float* bias, float* to) {
    pack_weights<Cell>(
        shape.units, 1,
        [&](int64_t g, int64_t u, int64_t) { return bias ? bias[g * shape.units + u] : 0.f; }, to);
  };
  pack_bias(weights.bias_ih, packed.bias_ih);
  pack_bias(weights.bias_hh, packed.bias_hh);
}

}  // namespace

/// In the order of `Cell`.
void pack_cell(const RecurrentJob& job) {
  using Function = void (*)(const RecurrentJob&);
  constexpr Function kCells[] = {&pack_all<GruCell>, &pack_all<LstmCell>, &pack_all<RnnTanh>,
                                 &pack_all<RnnRelu>, &pack_all<RnnLinear>};
  kCells[cell_index(job)](job);
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nnrun::kernels {

HWY_EXPORT(pack_cell);

void pack_recurrent_weights(const RecurrentJob& job) { HWY_DYNAMIC_DISPATCH(pack_cell)(job); }

}  // namespace nnrun::kernels
#endif  // HWY_ONCE
