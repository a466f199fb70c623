#pragma once

#include "model/kernels/cuda/recurrent_cells.h"

/// A recurrent layer over one document, by one warp. `kUnits` (a multiple of 4) is the number of
/// units rounded up: weights of units that are not there are zero.
namespace nnrun {

constexpr int kLanes = 32;

/// Four floats that are read and written at once.
struct alignas(16) Four {
  float v[4];
};

/// Position of step `step`, counted in walking order.
NNRUN_HD inline int64_t position_of(const NnrunRecurrent& job, int64_t step) {
  return job.reverse != 0 ? job.length - 1 - step : step;
}

NNRUN_HD inline bool inside_text(const NnrunRecurrent& job, int64_t n, int64_t position) {
  return job.lengths == nullptr || position < job.lengths[n];
}

/// Row of `projected` for a step; 0 behind the last one.
NNRUN_HD inline int64_t row_of(const NnrunRecurrent& job, int64_t n, int64_t step) {
  if (step >= job.length) return 0;
  const int64_t at = n * job.length + position_of(job, step);
  return job.ids != nullptr ? job.ids[at] : at;
}

template <class Cell>
NNRUN_HD int64_t tape_at(const NnrunRecurrent& job, int64_t n, int64_t step, int row) {
  return ((n * job.length + step) * Cell::kTape + row) * job.units;
}

NNRUN_HD inline float* output_at(const NnrunRecurrent& job, int64_t n, int lane, int64_t position) {
  float* const document = job.output + n * job.output_stride;
  return job.sequence != 0 ? document + lane * job.length + position : document + lane;
}

// ---- forward
// -------------------------------------------------------------------------------------

template <class Cell, int kUnits>
struct ForwardLane {
  float weight[Cell::kGates][kUnits];  // rows (gate, lane) of weight_hh
  float bias[Cell::kGates];            // bias_hh
  float x[Cell::kGates];               // projected input of the step to come
  int64_t row;                         // of `projected`, one step further
  float tape[Cell::kTape];
  UnitState state;
};

template <int kUnits>
struct ForwardShared {
  Four h[2][kUnits / 4];  // states, of even and of odd steps
};

template <class Cell, int kUnits>
NNRUN_HD void load_forward(const NnrunRecurrent& job, int64_t n, int lane,
                           ForwardLane<Cell, kUnits>& own, ForwardShared<kUnits>& shared) {
  const bool real = lane < job.units;
  const int64_t first_row = row_of(job, n, 0);
  NNRUN_UNROLL
  for (int g = 0; g < Cell::kGates; ++g) {
    const int64_t row = int64_t{g} * job.units + lane;
    NNRUN_UNROLL
    for (int k = 0; k < kUnits; ++k) {
      own.weight[g][k] = real && k < job.units ? job.weight_hh[row * job.units + k] : 0;
    }
    own.bias[g] = real && job.bias_hh != nullptr ? job.bias_hh[row] : 0;
    own.x[g] = real ? job.projected[first_row * Cell::kGates * job.units + row] : 0;
  }
  NNRUN_UNROLL
  for (int k = 0; k < Cell::kTape; ++k) own.tape[k] = 0;
  own.row = row_of(job, n, 1);
  own.state = {};
  for (int buffer = 0; buffer < 2 && lane < kUnits; ++buffer) {
    shared.h[buffer][lane / 4].v[lane % 4] = 0;
  }
}

/// U h + bias_hh of this lane's unit; two chains of additions per gate.
template <class Cell, int kUnits>
NNRUN_HD void recurrent_products(const ForwardLane<Cell, kUnits>& own, const Four* h, float* u) {
  float even[Cell::kGates], odd[Cell::kGates];
  NNRUN_UNROLL
  for (int g = 0; g < Cell::kGates; ++g) {
    even[g] = own.bias[g];
    odd[g] = 0;
  }
  NNRUN_UNROLL
  for (int k = 0; k < kUnits; k += 4) {
    const Four four = h[k / 4];
    NNRUN_UNROLL
    for (int g = 0; g < Cell::kGates; ++g) {
      even[g] += own.weight[g][k] * four.v[0];
      odd[g] += own.weight[g][k + 1] * four.v[1];
      even[g] += own.weight[g][k + 2] * four.v[2];
      odd[g] += own.weight[g][k + 3] * four.v[3];
    }
  }
  NNRUN_UNROLL
  for (int g = 0; g < Cell::kGates; ++g) u[g] = even[g] + odd[g];
}

/// Hands over the input of this step and fetches that of the next, which takes as long as the step.
template <class Cell, int kUnits>
NNRUN_HD void take_input(const NnrunRecurrent& job, int64_t n, int64_t step, int lane,
                         ForwardLane<Cell, kUnits>& own, float* x) {
  const float* const next = job.projected + own.row * Cell::kGates * job.units + lane;
  NNRUN_UNROLL
  for (int g = 0; g < Cell::kGates; ++g) {
    x[g] = own.x[g];
    own.x[g] = next[int64_t{g} * job.units];
  }
  own.row = row_of(job, n, step + 2);
}

template <class Cell, int kUnits>
NNRUN_HD void store_forward(const NnrunRecurrent& job, int64_t n, int64_t step, int lane,
                            ForwardLane<Cell, kUnits>& own) {
  own.tape[Cell::kTape - 1] = own.state.h;
  if constexpr (Cell::kHasCell) own.tape[Cell::kTape - 2] = own.state.c;
  if (job.tape != nullptr) {
    NNRUN_UNROLL
    for (int k = 0; k < Cell::kTape; ++k) {
      job.tape[tape_at<Cell>(job, n, step, k) + lane] = own.tape[k];
    }
  }
  if (job.sequence != 0 || step == job.length - 1) {
    *output_at(job, n, lane, position_of(job, step)) = own.state.h;
  }
}

template <class Cell, int kUnits>
NNRUN_HD void forward_step(const NnrunRecurrent& job, int64_t n, int64_t step, int lane,
                           ForwardLane<Cell, kUnits>& own, ForwardShared<kUnits>& shared) {
  if (lane >= job.units) return;
  float x[Cell::kGates], u[Cell::kGates];
  take_input(job, n, step, lane, own, x);
  recurrent_products(own, shared.h[step % 2], u);
  if (inside_text(job, n, position_of(job, step))) {
    Cell::forward(job.cell, x, u, own.state, own.tape);
  }
  shared.h[(step + 1) % 2][lane / 4].v[lane % 4] = own.state.h;
  store_forward(job, n, step, lane, own);
}

}  // namespace nnrun
