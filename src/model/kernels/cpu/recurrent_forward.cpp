#include <algorithm>

#include "model/kernels/cpu/recurrent_job.h"

// This file is compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu/recurrent_forward.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "model/kernels/cpu/recurrent_block-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace {

/// States after each step as a series over the positions.
Series states_by_position(const RecurrentJob& job, const Block& block) {
  const RecurrentLayout& l = job.layout;
  const int64_t step = l.state_step();
  if (l.shape.reverse) return {block.states + l.shape.length * step, -step};
  return {block.states + step, step};
}

void write_output(const RecurrentJob& job, const Block& block) {
  const RecurrentShape& shape = job.layout.shape;
  if (shape.sequence) {
    const Series states = states_by_position(job, block);
    scatter_positions(block, states.data, states.stride, shape.units, shape.length, job.output.data,
                      job.output.stride);
  } else {
    const Rows rows = document_rows(block, job.output.data, job.output.stride);
    scatter_rows(block.states + shape.length * job.layout.state_step(), kDocuments, shape.units,
                 rows.data(), block.used);
  }
}

/// Input products of one position: the tokens' rows of the table.
void look_up_products(const RecurrentJob& job, const Block& block, int64_t position, float* gates) {
  const RecurrentLayout& l = job.layout;
  const int32_t* slots = job.input.tokens->slots.data() + position;
  Rows rows;
  for (int64_t i = 0; i < kDocuments; ++i)
    rows[static_cast<size_t>(i)] =
        job.products + slots[block.document(i) * l.shape.length] * l.row();
  gather_rows(rows.data(), l.gate_rows(), gates, kDocuments);
}

/// sums = packed bias of the tile that begins at `unit`.
template <class Cell>
HWY_INLINE void begin_sums(const float* bias, int64_t unit, Sums<Cell>& sums) {
  const float* from = bias + unit * Cell::kGates;
  for (int i = 0; i < kTile<Cell>; ++i)
    for (int g = 0; g < Cell::kGates; ++g) sums[i][g] = hn::Set(Lanes(), *from++);
}

/// Input products of one position: weight_ih times the features.
template <class Cell>
void multiply_inputs(const RecurrentJob& job, const Block& block, int64_t position, size_t lane,
                     float* gates) {
  const RecurrentLayout& l = job.layout;
  const float* in = block.inputs + position * l.input_step() + lane;
  for (int64_t unit = 0; unit < l.units(); unit += kTile<Cell>) {
    Sums<Cell> sums;
    begin_sums<Cell>(job.packed.bias_ih, unit, sums);
    multiply<Cell>(job.packed.forward_ih + unit * l.shape.inputs * Cell::kGates, in, l.shape.inputs,
                   sums);
    for (int i = 0; i < kTile<Cell>; ++i)
      for (int g = 0; g < Cell::kGates; ++g)
        hn::Store(sums[i][g], Lanes(), gates + lane + (g * l.units() + unit + i) * kDocuments);
  }
}

template <class Cell>
void step_forward(const RecurrentJob& job, const Unit<Lanes>& first) {
  const RecurrentLayout& l = job.layout;
  for (int64_t unit = 0; unit < l.units(); unit += kTile<Cell>) {
    Sums<Cell> sums;
    begin_sums<Cell>(job.packed.bias_hh, unit, sums);
    multiply<Cell>(job.packed.forward_hh + unit * l.shape.units * Cell::kGates, first.state,
                   l.shape.units, sums);
    for (int i = 0; i < kTile<Cell>; ++i) Cell::forward(unit_at(first, unit + i), sums[i]);
  }
}

template <class Cell>
void block_forward(const RecurrentJob& job, int64_t index) {
  const RecurrentLayout& l = job.layout;
  const Block block = job.block(index);
  std::fill_n(block.states, l.state_step(), 0.f);
  if (l.traits.has_cell) std::fill_n(block.cells, l.state_step(), 0.f);
  if (!l.tokens)
    gather_positions(block, job.input.dense, l.shape.inputs * l.shape.length, l.shape.inputs,
                     l.shape.length, block.inputs, l.input_step());
  for (int64_t step = 0; step < l.shape.length; ++step) {
    const int64_t position = job.position(step);
    float* gates = block.gates + (l.training ? step * l.gates_step() : 0);
    if (l.tokens) look_up_products(job, block, position, gates);
    for (size_t lane = 0; lane < kDocuments; lane += hn::Lanes(Lanes())) {
      if (!l.tokens) multiply_inputs<Cell>(job, block, position, lane, gates);
      step_forward<Cell>(job, first_unit(job, block, step, lane));
    }
  }
  write_output(job, block);
}

}  // namespace

/// In the order of `Cell`.
void forward_cell(const RecurrentJob& job, int64_t index) {
  using Function = void (*)(const RecurrentJob&, int64_t);
  constexpr Function kCells[] = {&block_forward<GruCell>, &block_forward<LstmCell>,
                                 &block_forward<RnnTanh>, &block_forward<RnnRelu>,
                                 &block_forward<RnnLinear>};
  kCells[cell_index(job)](job, index);
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nnrun::kernels {

HWY_EXPORT(forward_cell);

void recurrent_block_forward(const RecurrentJob& job, int64_t index) {
  HWY_DYNAMIC_DISPATCH(forward_cell)(job, index);
}

}  // namespace nnrun::kernels
#endif  // HWY_ONCE
