#pragma once

#include "model/kernels/cuda/recurrent_document.h"

/// The backward pass over one document, by one warp.
namespace nnrun {

/// Weights and their gradients both in registers, where there are enough.
template <class Cell, int kUnits>
constexpr bool kWeightsInRegisters = 2 * Cell::kGates* kUnits <= 200;

template <class Cell, int kUnits>
struct BackwardLane {
  static constexpr int kKept = kWeightsInRegisters<Cell, kUnits> ? kUnits : 1;
  float column[Cell::kGates][kKept];     // weight_hh[(gate, unit), lane], by unit
  float gradient[Cell::kGates][kUnits];  // of the rows (gate, lane) of weight_hh
  float bias[Cell::kGates];              // gradient of bias_hh
  float tape[Cell::kTape];               // of the step to come
  UnitState before;                      // state in front of that step
  float du[Cell::kGates];
  UnitGradient d;
};

template <class Cell, int kUnits>
struct BackwardShared {
  static constexpr int kKept = kWeightsInRegisters<Cell, kUnits> ? 1 : kUnits;
  Four h[2][kUnits / 4];                 // states in front of the step
  Four du[2][Cell::kGates][kUnits / 4];  // gradients of the recurrent products
  float weight[Cell::kGates][kKept][kLanes];
};

/// Fetches what the forward pass left for `step`; nothing in front of the first.
template <class Cell, int kUnits>
NNRUN_HD void fetch_tape(const NnrunRecurrent& job, int64_t n, int64_t step, int lane,
                         BackwardLane<Cell, kUnits>& own) {
  if (step < 0) return;
  NNRUN_UNROLL
  for (int k = 0; k < Cell::kTape; ++k) {
    own.tape[k] = job.tape[tape_at<Cell>(job, n, step, k) + lane];
  }
  own.before = {};
  if (step == 0) return;
  own.before.h = job.tape[tape_at<Cell>(job, n, step - 1, Cell::kTape - 1) + lane];
  if constexpr (Cell::kHasCell) {
    own.before.c = job.tape[tape_at<Cell>(job, n, step - 1, Cell::kTape - 2) + lane];
  }
}

template <class Cell, int kUnits>
NNRUN_HD void load_backward(const NnrunRecurrent& job, int64_t n, int lane,
                            BackwardLane<Cell, kUnits>& own, BackwardShared<Cell, kUnits>& shared) {
  const bool real = lane < job.units;
  NNRUN_UNROLL
  for (int g = 0; g < Cell::kGates; ++g) {
    NNRUN_UNROLL
    for (int j = 0; j < kUnits; ++j) {
      const int64_t at = (int64_t{g} * job.units + j) * job.units + lane;
      const float weight = real && j < job.units ? job.weight_hh[at] : 0;
      if constexpr (kWeightsInRegisters<Cell, kUnits>) {
        own.column[g][j] = weight;
      } else {
        shared.weight[g][j][lane] = weight;
      }
      own.gradient[g][j] = 0;
    }
    own.bias[g] = own.du[g] = 0;
    for (int buffer = 0; buffer < 2 && lane < kUnits; ++buffer) {
      shared.du[buffer][g][lane / 4].v[lane % 4] = 0;
      shared.h[buffer][lane / 4].v[lane % 4] = 0;
    }
  }
  NNRUN_UNROLL
  for (int k = 0; k < Cell::kTape; ++k) own.tape[k] = 0;
  own.d = {};
  if (!real) return;
  if (job.sequence == 0) own.d.dh = job.output_gradient[n * job.output_stride + lane];
  fetch_tape(job, n, job.length - 1, lane, own);
}

/// Gradients of this step's gates, of this lane's unit; leaves them where the other lanes see them.
template <class Cell, int kUnits>
NNRUN_HD void gate_gradients(const NnrunRecurrent& job, int64_t n, int64_t step, int lane,
                             BackwardLane<Cell, kUnits>& own,
                             BackwardShared<Cell, kUnits>& shared) {
  if (lane >= job.units) return;
  const int64_t position = position_of(job, step);
  if (job.sequence != 0) {
    own.d.dh += job.output_gradient[n * job.output_stride + lane * job.length + position];
  }
  float dx[Cell::kGates];
  if (inside_text(job, n, position)) {
    Cell::backward(job.cell, own.tape, own.before, own.d, dx, own.du);
  } else {
    for (int g = 0; g < Cell::kGates; ++g) dx[g] = own.du[g] = 0;
  }
  const int64_t row = (n * job.length + position) * Cell::kGates;
  NNRUN_UNROLL
  for (int g = 0; g < Cell::kGates; ++g) {
    job.projected_gradient[(row + g) * job.units + lane] = dx[g];
    own.bias[g] += own.du[g];
    shared.du[step % 2][g][lane / 4].v[lane % 4] = own.du[g];
  }
  shared.h[step % 2][lane / 4].v[lane % 4] = own.before.h;
}

/// weight_hh[(gate, unit), lane].
template <class Cell, int kUnits>
NNRUN_HD float weight_of(int gate, int unit, int lane, const BackwardLane<Cell, kUnits>& own,
                         const BackwardShared<Cell, kUnits>& shared) {
  if constexpr (kWeightsInRegisters<Cell, kUnits>) {
    return own.column[gate][unit];
  } else {
    return shared.weight[gate][unit][lane];
  }
}

/// dh += U^T du, and the gradient of U: du times the state in front of the step.
template <class Cell, int kUnits>
NNRUN_HD void through_weights(int64_t step, int lane, BackwardLane<Cell, kUnits>& own,
                              const BackwardShared<Cell, kUnits>& shared) {
  float even = own.d.dh, odd = 0;
  NNRUN_UNROLL
  for (int k = 0; k < kUnits; k += 4) {
    const Four h = shared.h[step % 2][k / 4];
    NNRUN_UNROLL
    for (int g = 0; g < Cell::kGates; ++g) {
      const Four du = shared.du[step % 2][g][k / 4];
      NNRUN_UNROLL
      for (int i = 0; i < 4; ++i) {
        const float weight = weight_of<Cell, kUnits>(g, k + i, lane, own, shared);
        (i % 2 == 0 ? even : odd) += weight * du.v[i];
        own.gradient[g][k + i] += own.du[g] * h.v[i];
      }
    }
  }
  own.d.dh = even + odd;
}

template <class Cell, int kUnits>
NNRUN_HD void store_partials(const NnrunRecurrent& job, int64_t n, int lane,
                             const BackwardLane<Cell, kUnits>& own) {
  if (lane >= job.units) return;
  const int64_t units = job.units, biases = Cell::kGates * units * units;
  float* const partial = job.partials + n * partial_size<Cell>(job.units);
  NNRUN_UNROLL
  for (int g = 0; g < Cell::kGates; ++g) {
    const int64_t row = g * units + lane;
    NNRUN_UNROLL
    for (int k = 0; k < kUnits; ++k) {
      if (k < units) partial[row * units + k] = own.gradient[g][k];
    }
    if (job.bias_hh != nullptr) partial[biases + row] = own.bias[g];
  }
}

}  // namespace nnrun
