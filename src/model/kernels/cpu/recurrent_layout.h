#pragma once

#include <array>
#include <cstdint>

#include "model/kernels/cpu/kernels.h"

namespace nnrun::kernels {

/// Documents side by side in a block: one AVX-512 vector, two of AVX2. A value of a block is a
/// "row" of 16 floats, one per document.
inline constexpr int64_t kDocuments = 16;

inline constexpr int64_t round_up(int64_t value, int64_t step) {
  return (value + step - 1) / step * step;
}

struct CellTraits {
  int64_t gates;  ///< G: rows of weight_ih per unit
  int64_t slots;  ///< values per unit and step kept for the backward pass, the gates first
  bool has_cell;  ///< a second state
};
inline constexpr CellTraits cell_traits(Cell cell) {
  if (cell == Cell::kGru) return {3, 4, false};  // r, z, n, Uh + bias_hh of n
  if (cell == Cell::kLstm) return {4, 5, true};  // i, f, g, o, tanh(c)
  return {1, 1, false};
}

/// Sizes (in floats unless said otherwise) that follow from the shape.
struct RecurrentLayout {
  explicit RecurrentLayout(const RecurrentShape& s, bool has_tokens, Pass pass)
      : shape(s),
        traits(cell_traits(s.cell)),
        tokens(has_tokens),
        training(pass == Pass::kTraining) {}

  RecurrentShape shape;
  CellTraits traits;
  bool tokens, training;

  int64_t blocks() const { return (shape.batch + kDocuments - 1) / kDocuments; }
  int64_t units() const { return round_up(shape.units, 4); }  ///< the padding's weights are zero
  int64_t inputs() const { return round_up(shape.inputs, 4); }
  int64_t gate_rows() const { return traits.gates * units(); }
  int64_t row() const { return round_up(gate_rows(), 16); }  ///< one token's products

  // One step of a block.
  int64_t gates_step() const { return traits.slots * units() * kDocuments; }
  int64_t state_step() const { return units() * kDocuments; }
  int64_t input_step() const { return inputs() * kDocuments; }

  // The parts of a block, in this order; states have one step more, the zero state.
  int64_t gates_size() const { return gates_step() * (training ? shape.length : 1); }
  int64_t states_size() const { return state_step() * (shape.length + 1); }
  int64_t cells_size() const { return traits.has_cell ? states_size() : 0; }
  int64_t inputs_size() const { return tokens ? 0 : input_step() * shape.length; }
  int64_t output_gradient_size() const {
    return training && shape.sequence ? state_step() * shape.length : 0;
  }
  int64_t block_size() const {
    return gates_size() + states_size() + cells_size() + inputs_size() + output_gradient_size();
  }

  // A block's share of the gradients: weight_ih (dense inputs only), weight_hh, bias_ih, bias_hh.
  int64_t weight_ih_size() const { return traits.gates * shape.units * shape.inputs; }
  int64_t weight_hh_size() const { return traits.gates * shape.units * shape.units; }
  int64_t bias_size() const { return traits.gates * shape.units; }
  int64_t partial_size() const {
    return round_up((tokens ? 0 : weight_ih_size()) + weight_hh_size() + 2 * bias_size(), 16);
  }
};

/// The weights packed for `multiply` (recurrent_multiply-inl.h): [tile][k][unit of tile][gate].
struct PackedWeights {
  float* forward_ih;  ///< dense inputs only, as is backward_ih
  float* forward_hh;
  float* backward_ih;
  float* backward_hh;
  float* bias_ih;  ///< [units / tile][unit of tile][gate]
  float* bias_hh;

  PackedWeights(const RecurrentLayout& l, float* base) {
    const int64_t ih = l.tokens ? 0 : l.gate_rows() * l.inputs();
    const int64_t hh = l.gate_rows() * l.units();
    forward_ih = base;
    backward_ih = forward_ih + ih;
    forward_hh = backward_ih + ih;
    backward_hh = forward_hh + hh;
    bias_ih = backward_hh + hh;
    bias_hh = bias_ih + l.gate_rows();
  }
  static int64_t size(const RecurrentLayout& l) {
    return (l.tokens ? 0 : 2 * l.gate_rows() * l.inputs()) + 2 * l.gate_rows() * (l.units() + 1);
  }
};

/// Sixteen documents of one pass.
struct Block {
  int64_t first = 0;  ///< document
  int64_t used = 0;   ///< documents; the rest of the block has length 0
  alignas(64) std::array<float, kDocuments> lengths{};
  float* gates;            ///< [L][slot][unit][16] in order of the steps; inference: one step
  float* states;           ///< [L + 1][unit][16]; step s leads from states[s] to states[s + 1]
  float* cells;            ///< as states
  float* inputs;           ///< [L][F][16] by position
  float* output_gradient;  ///< [L][unit][16] by position

  Block(const RecurrentLayout& l, int64_t index, const int64_t* all_lengths, float* base)
      : first(index * kDocuments), used(std::min(kDocuments, l.shape.batch - first)) {
    for (int64_t i = 0; i < used; ++i)
      lengths[static_cast<size_t>(i)] =
          static_cast<float>(all_lengths ? all_lengths[first + i] : l.shape.length);
    gates = base + index * l.block_size();
    states = gates + l.gates_size();
    cells = states + l.states_size();
    inputs = cells + l.cells_size();
    output_gradient = inputs + l.inputs_size();
  }
  /// Document i of the block, or the first for the unused ones.
  int64_t document(int64_t i) const { return i < used ? first + i : first; }
};

}  // namespace nnrun::kernels
