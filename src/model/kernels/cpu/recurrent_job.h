#pragma once

#include "model/kernels/cpu/recurrent_layout.h"

namespace nnrun::kernels {

/// One pass over a batch, as the blocks see it.
struct RecurrentJob {
  RecurrentLayout layout;
  RecurrentWeights weights;
  RecurrentInput input;
  RecurrentOutput output;  ///< backward: its gradient, only read
  PackedWeights packed;
  float* products = nullptr;  ///< [U, row]
  float* blocks = nullptr;
  float* rows = nullptr;            ///< backward with tokens: [L, N, row]
  float* partials = nullptr;        ///< backward: [blocks, partial_size]
  float* input_gradient = nullptr;  ///< backward, dense: [N, F, L] or null

  Block block(int64_t index) const { return {layout, index, input.lengths, blocks}; }
  int64_t position(int64_t step) const {
    return layout.shape.reverse ? layout.shape.length - 1 - step : step;
  }
};

/// A block's gradients inside `partials`, in the layouts of RecurrentWeights.
struct PartialGradients {
  float* weight_hh;
  float* bias_ih;
  float* bias_hh;
  float* weight_ih;  ///< dense inputs only

  PartialGradients(const RecurrentLayout& l, float* base)
      : weight_hh(base),
        bias_ih(weight_hh + l.weight_hh_size()),
        bias_hh(bias_ih + l.bias_size()),
        weight_ih(bias_hh + l.bias_size()) {}
};

// Compiled per instruction set in recurrent_{weights,forward,backward}.cpp.
void pack_recurrent_weights(const RecurrentJob& job);
void recurrent_block_forward(const RecurrentJob& job, int64_t index);
void recurrent_block_backward(const RecurrentJob& job, int64_t index);

}  // namespace nnrun::kernels
