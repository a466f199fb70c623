#include "model/kernels/cuda/launch.h"
#include "model/kernels/cuda/recurrent_document.h"
#include "model/kernels/cuda/recurrent_launch.h"

namespace nnrun {
namespace {

/// Weights and their gradients both in registers, where there are enough.
template <class Cell, int kUnits>
constexpr bool kWeightsInRegisters = 2 * Cell::kGates* kUnits <= 160;

template <class Cell, int kUnits>
struct BackwardShared {
  static constexpr int kKept = kWeightsInRegisters<Cell, kUnits> ? 4 : kUnits;
  Exchange<kUnits> h[2];                 // states in front of even and of odd steps
  Exchange<kUnits> du[2][Cell::kGates];  // gradients of their recurrent products
  // Of two chunks in turn: the tape from the step in front of the chunk on, and the gradients of
  // the output.
  Four tape[2][(kChunk + 1) * kTapeSize<Cell, kUnits> / 4];
  float output[2][kChunk][kLanes];
  Four weight[Cell::kGates][kKept / 4][kLanes];
};

/// What the steps of a document left on the tape, and the gradients of what they gave; the last
/// chunk comes first.
template <class Cell, int kUnits>
class TapeRows {
 public:
  __device__ TapeRows(const NnrunRecurrent& job, const Walk& walk, Lane lane,
                      BackwardShared<Cell, kUnits>& shared)
      : shared_(shared),
        walk_(walk),
        lane_(lane.lane),
        tape_(reinterpret_cast<const Four*>(job.tape) + walk.first_row * kFours + lane.lane),
        output_(job.sequence != 0
                    ? job.output_gradient + blockIdx.x * job.output_stride + lane.unit * job.length
                    : nullptr) {
    start_copies(last_chunk());
  }

  __device__ int32_t last_chunk() const { return (walk_.length - 1) / kChunk * kChunk; }

  /// Waits for the chunk that begins with step `first`: its row on the tape; the row in front of it
  /// comes before that.
  __device__ const float* chunk(int32_t first) {
    __pipeline_wait_prior(0);
    __syncwarp();
    if (first > 0) start_copies(first - kChunk);
    return shared_.tape[first / kChunk % 2][kFours].v;
  }

 private:
  static constexpr int kFours = kTapeSize<Cell, kUnits> / 4;  // of a step

  __device__ void start_copies(int32_t first) {
    const int begin = first == 0 ? kFours : 0;
    const int end = min(kChunk, walk_.length - first) * kFours + kFours;
    const Four* from = tape_ + int64_t{first - 1} * kFours;
    Four* to = shared_.tape[first / kChunk % 2] + lane_;
    keep(from);
    keep(to);
    NNRUN_UNROLL
    for (int i = 0; i < (kChunk + 1) * kFours; i += kLanes) {
      if (lane_ + i >= begin && lane_ + i < end) {
        __pipeline_memcpy_async(to + i, from + i, sizeof(Four));
      }
    }
    if (output_ != nullptr) start_output_copies(first);
    __pipeline_commit();
  }

  __device__ void start_output_copies(int32_t first) {
    const int steps = min(kChunk, walk_.length - first);
    for (int i = 0; i < steps; ++i) {
      __pipeline_memcpy_async(&shared_.output[first / kChunk % 2][i][lane_],
                              output_ + walk_.position(first + i), sizeof(float));
    }
  }

  BackwardShared<Cell, kUnits>& shared_;
  const Walk& walk_;
  int32_t lane_;
  const Four* tape_;     // of this document
  const float* output_;  // gradient of this unit's outputs; null: the last state has the only one
};

/// What a lane knows of its unit: a column of weight_hh, (gate, row), and the gradients of its
/// rows.
template <class Cell, int kUnits>
class UnitWeights {
 public:
  __device__ UnitWeights(const NnrunRecurrent& job, Lane lane, BackwardShared<Cell, kUnits>& shared)
      : lane_(lane.lane), shared_(shared) {
    NNRUN_UNROLL
    for (int g = 0; g < Cell::kGates; ++g) {
      NNRUN_UNROLL
      for (int j = 0; j < kUnits; ++j) {
        const int at = (g * job.units + j) * job.units + lane.unit;
        const float weight = j < job.units ? job.weight_hh[at] : 0;
        if constexpr (kWeightsInRegisters<Cell, kUnits>) {
          column_[g][j / 4].v[j % 4] = weight;
        } else {
          shared.weight[g][j / 4][lane_].v[j % 4] = weight;
        }
        gradient_[g][j] = 0;
      }
      bias_ih_[g] = bias_hh_[g] = 0;
    }
  }

  __device__ void add_biases(const float* dx, const float* du) {
    NNRUN_UNROLL
    for (int g = 0; g < Cell::kGates; ++g) {
      bias_ih_[g] += dx[g];
      bias_hh_[g] += du[g];
    }
  }

  /// dh += U^T du; the gradient of U: du times the state in front of the step.
  __device__ float through(const float* du, int32_t step, float dh) {
    float sums[4] = {dh, 0, 0, 0};
    NNRUN_UNROLL
    for (int k = 0; k < kUnits; k += 4) {
      const Four h = shared_.h[step % 2].units[k / 4];
      NNRUN_UNROLL
      for (int g = 0; g < Cell::kGates; ++g) {
        const Four all = shared_.du[step % 2][g].units[k / 4], column = weights(g, k);
        NNRUN_UNROLL
        for (int i = 0; i < 4; ++i) {
          sums[i] += column.v[i] * all.v[i];
          gradient_[g][k + i] += du[g] * h.v[i];
        }
      }
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }

  /// This document's share of the gradients.
  __device__ void store(const NnrunRecurrent& job, Lane lane) const {
    if (!lane.real) return;
    const int units = job.units;
    float* const partial = job.partials + blockIdx.x * partial_size<Cell>(units);
    NNRUN_UNROLL
    for (int g = 0; g < Cell::kGates; ++g) {
      const int row = g * units + lane.unit;
      NNRUN_UNROLL
      for (int k = 0; k < kUnits; ++k) {
        if (k < units) partial[row * units + k] = gradient_[g][k];
      }
      float* const biases = partial + Cell::kGates * units * units + row;
      biases[0] = bias_ih_[g];
      if constexpr (Cell::kBiases == 2) biases[Cell::kGates * units] = bias_hh_[g];
    }
  }

 private:
  static constexpr int kKept = kWeightsInRegisters<Cell, kUnits> ? kUnits : 4;

  /// Of the units k to k + 3.
  __device__ Four weights(int gate, int k) const {
    if constexpr (kWeightsInRegisters<Cell, kUnits>) {
      return column_[gate][k / 4];
    } else {
      return shared_.weight[gate][k / 4][lane_];
    }
  }

  int lane_;
  BackwardShared<Cell, kUnits>& shared_;
  Four column_[Cell::kGates][kKept / 4];
  float gradient_[Cell::kGates][kUnits];
  float bias_ih_[Cell::kGates], bias_hh_[Cell::kGates];
};

/// State in front of a step, whose row on the tape is `row`.
template <class Cell, int kUnits>
__device__ UnitState state_before(const float* row, int32_t step) {
  const float* const before = row - kTapeSize<Cell, kUnits>;
  UnitState state;
  if (step == 0) return state;
  state.h = before[(Cell::kTape - 1) * kUnits];
  if constexpr (Cell::kHasCell) state.c = before[(Cell::kTape - 2) * kUnits];
  return state;
}

template <class Cell, int kUnits>
__device__ void backward(const NnrunRecurrent& job) {
  __shared__ BackwardShared<Cell, kUnits> shared;
  const Lane lane = lane_of(job);
  const Walk walk = walk_of(job, blockIdx.x);
  TapeRows<Cell, kUnits> rows(job, walk, lane, shared);
  UnitWeights<Cell, kUnits> weights(job, lane, shared);
  for (int i = 0; i < 2; ++i) {
    shared.h[i].clear(lane.lane);
    for (Exchange<kUnits>& du : shared.du[i]) du.clear(lane.lane);
  }
  const int32_t row_size = Cell::kGates * job.units;
  float* projected = job.projected_gradient +
                     (walk.first_row + walk.position(walk.length - 1)) * row_size + lane.unit;
  UnitGradient d;
  if (job.sequence == 0) d.dh = job.output_gradient[blockIdx.x * job.output_stride + lane.unit];
  for (int32_t first = rows.last_chunk(); first >= 0; first -= kChunk) {
    const float* const chunk = rows.chunk(first) + lane.unit;
    for (int32_t step = min(first + kChunk, walk.length) - 1; step >= first; --step) {
      const float* const row = chunk + (step - first) * kTapeSize<Cell, kUnits>;
      float tape[Cell::kTape], dx[Cell::kGates], du[Cell::kGates];
      NNRUN_UNROLL
      for (int k = 0; k < Cell::kTape; ++k) tape[k] = row[k * kUnits];
      const UnitState before = state_before<Cell, kUnits>(row, step);
      if (job.sequence != 0) d.dh += shared.output[first / kChunk % 2][step - first][lane.lane];
      UnitGradient next = d;
      Cell::backward(job.cell, tape, before, next, dx, du);
      const bool inside = walk.inside_text(step);
      if (inside) d = next;
      NNRUN_UNROLL
      for (int g = 0; g < Cell::kGates; ++g) {
        if (!inside) dx[g] = du[g] = 0;
        if (lane.real) projected[g * job.units] = dx[g];
        shared.du[step % 2][g].put(lane, du[g]);
      }
      projected -= walk.direction * row_size;
      shared.h[step % 2].put(lane, before.h);
      __syncwarp();
      weights.add_biases(dx, du);
      d.dh = weights.through(du, step, d.dh);
    }
  }
  weights.store(job, lane);
}

template <class Cell, int kUnits>
struct Backward : Kernel<NnrunRecurrent, kLanes, 1> {
  static __device__ void run(const NnrunRecurrent& job) { backward<Cell, kUnits>(job); }
};

struct BackwardLaunch {
  const NnrunRecurrent& job;
  void* stream;

  template <class Cell, int kUnits>
  const char* run() const {
    return launch<Backward<Cell, kUnits>>(job, static_cast<unsigned>(job.batch), stream);
  }
};

}  // namespace
}  // namespace nnrun

extern "C" const char* nnrun_cuda_recurrent_backward(const NnrunRecurrent* job, void* stream) {
  if (job->batch == 0) return nullptr;
  return nnrun::for_cell(job->cell, job->units, nnrun::BackwardLaunch{*job, stream});
}
