#include <algorithm>

#include "model/kernels/cpu/recurrent_job.h"

// This file is compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu/recurrent_backward.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "model/kernels/cpu/recurrent_block-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace {

/// Gradients of the states while the steps run backwards: [unit][16] each.
struct Carry {
  alignas(64) float state[kMaxRecurrentUnits * kDocuments] = {};
  alignas(64) float cell[kMaxRecurrentUnits * kDocuments] = {};
};

/// The gradient of the output, into the carry (last state) or by position (sequence).
void read_output_gradient(const RecurrentJob& job, const Block& block, Carry& carry) {
  const RecurrentLayout& l = job.layout;
  if (!l.shape.sequence) {
    const Rows rows = document_rows(block, job.output.data, job.output.stride);
    gather_rows(rows.data(), l.shape.units, carry.state, kDocuments);
    return;
  }
  gather_positions(block, job.output.data, job.output.stride, l.shape.units, l.shape.length,
                   block.output_gradient, l.state_step());
  const int64_t padding = (l.units() - l.shape.units) * kDocuments;
  for (int64_t p = 1; p <= l.shape.length; ++p)
    std::fill_n(block.output_gradient + p * l.state_step() - padding, padding, 0.f);
}

/// carry.state += recurrent weights transposed times the gates' gradients.
template <class Cell>
void multiply_backward(const RecurrentJob& job, const float* gates, float* carry) {
  const RecurrentLayout& l = job.layout;
  const Lanes d;
  const float* in[Cell::kGates];
  for (int g = 0; g < Cell::kGates; ++g) in[g] = gates + Cell::recurrent_slot(g) * l.state_step();
  for (int64_t unit = 0; unit < l.units(); unit += kTile<Cell>) {
    Sums<Cell> sums;
    for (auto& row : sums)
      for (Vector& sum : row) sum = hn::Zero(d);
    multiply_gates<Cell>(job.packed.backward_hh + unit * l.shape.units * Cell::kGates, in,
                         l.shape.units, sums);
    for (int i = 0; i < kTile<Cell>; ++i) {
      float* to = carry + (unit + i) * kDocuments;
      hn::Store(hn::Add(hn::Load(d, to), sum_of_gates<Cell>(sums[i])), d, to);
    }
  }
}

template <class Cell>
void step_backward(const RecurrentJob& job, const Block& block, int64_t step, size_t lane,
                   Carry& carry) {
  const RecurrentLayout& l = job.layout;
  const Lanes d;
  Unit<Lanes> first = first_unit(job, block, step, lane);
  first.cell_gradient = carry.cell + lane;
  const float* output = block.output_gradient + job.position(step) * l.state_step() + lane;
  for (int64_t unit = 0; unit < l.units(); ++unit) {
    float* state = carry.state + unit * kDocuments + lane;
    Vector gradient = hn::Load(d, state);
    if (l.shape.sequence) gradient = hn::Add(gradient, hn::Load(d, output + unit * kDocuments));
    hn::Store(Cell::backward(unit_at(first, unit), gradient), d, state);
  }
  if (step > 0) multiply_backward<Cell>(job, first.slots, carry.state + lane);
}

/// Gate gradients of one position, document by document, for the sums along the occurrence lists.
void write_gate_rows(const RecurrentJob& job, const Block& block, int64_t position,
                     const float* gates) {
  const RecurrentLayout& l = job.layout;
  const Rows rows = document_rows(block, job.rows + position * l.shape.batch * l.row(), l.row());
  scatter_rows(gates, kDocuments, l.gate_rows(), rows.data(), block.used);
  for (int64_t i = 0; i < block.used; ++i)
    std::fill(rows[static_cast<size_t>(i)] + l.gate_rows(), rows[static_cast<size_t>(i)] + l.row(),
              0.f);
}

template <class Cell>
void sum_weight_gradients(const RecurrentJob& job, const Block& block, int64_t index) {
  const RecurrentLayout& l = job.layout;
  const int64_t units = l.shape.units, length = l.shape.length;
  const PartialGradients partial(l, job.partials + index * l.partial_size());
  const Series states{block.states, l.state_step()};
  const int64_t last = (length - 1) * l.input_step();
  const Series inputs = l.shape.reverse ? Series{block.inputs + last, -l.input_step()}
                                        : Series{block.inputs, l.input_step()};
  for (int g = 0; g < Cell::kGates; ++g) {
    const Series gates{block.gates, l.gates_step()};
    const Series outer = gates.row(g * l.units());
    const Series recurrent = gates.row(Cell::recurrent_slot(g) * l.units());
    outer_sum(recurrent, units, states, units, length, partial.weight_hh + g * units * units);
    total_sum(outer, units, length, partial.bias_ih + g * units);
    total_sum(recurrent, units, length, partial.bias_hh + g * units);
    if (!l.tokens)
      outer_sum(outer, units, inputs, l.shape.inputs, length,
                partial.weight_ih + g * units * l.shape.inputs);
  }
}

/// weight_ih transposed times the gates' gradients; takes the place of the block's inputs.
template <class Cell>
void multiply_input_gradient(const RecurrentJob& job, const Block& block, int64_t step,
                             size_t lane) {
  const RecurrentLayout& l = job.layout;
  const Lanes d;
  float* to = block.inputs + job.position(step) * l.input_step() + lane;
  const float* in[Cell::kGates];
  for (int g = 0; g < Cell::kGates; ++g)
    in[g] = block.gates + step * l.gates_step() + g * l.state_step() + lane;
  for (int64_t f = 0; f < l.inputs(); f += kTile<Cell>) {
    Sums<Cell> sums;
    for (auto& row : sums)
      for (Vector& sum : row) sum = hn::Zero(d);
    multiply_gates<Cell>(job.packed.backward_ih + f * l.shape.units * Cell::kGates, in,
                         l.shape.units, sums);
    for (int i = 0; i < kTile<Cell>; ++i)
      hn::Store(sum_of_gates<Cell>(sums[i]), d, to + (f + i) * kDocuments);
  }
}

template <class Cell>
void write_input_gradient(const RecurrentJob& job, const Block& block) {
  const RecurrentLayout& l = job.layout;
  for (int64_t step = 0; step < l.shape.length; ++step)
    for (size_t lane = 0; lane < kDocuments; lane += hn::Lanes(Lanes()))
      multiply_input_gradient<Cell>(job, block, step, lane);
  scatter_positions(block, block.inputs, l.input_step(), l.shape.inputs, l.shape.length,
                    job.input_gradient, l.shape.inputs * l.shape.length);
}

template <class Cell>
void block_backward(const RecurrentJob& job, int64_t index) {
  const RecurrentLayout& l = job.layout;
  const Block block = job.block(index);
  Carry carry;
  read_output_gradient(job, block, carry);
  for (int64_t step = l.shape.length - 1; step >= 0; --step) {
    for (size_t lane = 0; lane < kDocuments; lane += hn::Lanes(Lanes()))
      step_backward<Cell>(job, block, step, lane, carry);
    if (l.tokens)
      write_gate_rows(job, block, job.position(step), block.gates + step * l.gates_step());
  }
  sum_weight_gradients<Cell>(job, block, index);
  if (job.input_gradient) write_input_gradient<Cell>(job, block);
}

}  // namespace

/// In the order of `Cell`.
void backward_cell(const RecurrentJob& job, int64_t index) {
  using Function = void (*)(const RecurrentJob&, int64_t);
  constexpr Function kCells[] = {&block_backward<GruCell>, &block_backward<LstmCell>,
                                 &block_backward<RnnTanh>, &block_backward<RnnRelu>,
                                 &block_backward<RnnLinear>};
  kCells[cell_index(job)](job, index);
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nnrun::kernels {

HWY_EXPORT(backward_cell);

void recurrent_block_backward(const RecurrentJob& job, int64_t index) {
  HWY_DYNAMIC_DISPATCH(backward_cell)(job, index);
}

}  // namespace nnrun::kernels
#endif  // HWY_ONCE
