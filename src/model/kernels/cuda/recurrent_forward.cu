#include "model/kernels/cuda/launch.h"
#include "model/kernels/cuda/recurrent_document.h"
#include "model/kernels/cuda/recurrent_launch.h"

namespace nnrun {
namespace {

template <class Cell, int kUnits>
struct ForwardShared {
  Exchange<kUnits> h[2];                      // states in front of even and of odd steps
  float x[2][kChunk][Cell::kGates * kUnits];  // rows of `projected`, of two chunks in turn
};

/// The rows of `projected` that the steps of a document need; four lanes copy a row. Behind the
/// last step its row comes once more.
template <class Cell, int kUnits>
class InputRows {
 public:
  __device__ InputRows(const NnrunRecurrent& job, const Walk& walk, int lane,
                       ForwardShared<Cell, kUnits>& shared)
      : shared_(shared),
        walk_(walk),
        step_(lane / kLanesOfRow),
        entry_(lane % kLanesOfRow),
        size_(Cell::kGates * job.units),
        row_stride_(job.row_stride),
        entry_stride_(job.entry_stride),
        ids_(job.ids != nullptr ? job.ids + walk.first_row : nullptr),
        rows_(job.projected + (ids_ != nullptr ? 0 : walk.first_row * row_stride_) +
              entry_ * entry_stride_) {
    choose_row(0);
    start_copies(0);
  }

  /// Waits for the chunk that begins with step `first`: [kChunk, kGates kUnits].
  __device__ const float* chunk(int32_t first) {
    __pipeline_wait_prior(0);
    __syncwarp();
    if (first + kChunk < walk_.length) start_copies(first + kChunk);
    return shared_.x[first / kChunk % 2][0];
  }

 private:
  static constexpr int kLanesOfRow = kLanes / kChunk;

  __device__ void choose_row(int32_t first) {
    row_ = walk_.position(min(first + step_, walk_.length - 1));
    if (ids_ != nullptr) row_ = ids_[row_];
  }

  __device__ void start_copies(int32_t first) {
    const float* from = rows_ + row_ * row_stride_;
    float* to = shared_.x[first / kChunk % 2][step_] + entry_;
    keep(to);
    NNRUN_UNROLL_8
    for (int i = 0; i < Cell::kGates * kUnits; i += kLanesOfRow) {
      keep(from);
      if (entry_ + i < size_) __pipeline_memcpy_async(to + i, from, sizeof(float));
      from += kLanesOfRow * entry_stride_;
    }
    __pipeline_commit();
    choose_row(first + kChunk);
  }

  ForwardShared<Cell, kUnits>& shared_;
  const Walk& walk_;
  int32_t step_, entry_, size_;
  int64_t row_stride_, entry_stride_;
  const int32_t* ids_;  // of this document
  const float* rows_;
  int32_t row_ = 0;  // of this lane in the chunk to be copied next
};

/// Rows (gate, unit) of weight_hh and the biases; a single bias counts as bias_hh, whose sum takes
/// no instruction of its own.
template <class Cell, int kUnits>
struct UnitRows {
  float weight[Cell::kGates][kUnits], bias_ih[Cell::kGates], bias_hh[Cell::kGates];

  __device__ UnitRows(const NnrunRecurrent& job, int unit) {
    NNRUN_UNROLL
    for (int g = 0; g < Cell::kGates; ++g) {
      const int row = g * job.units + unit;
      NNRUN_UNROLL
      for (int k = 0; k < kUnits; ++k) {
        weight[g][k] = k < job.units ? job.weight_hh[row * job.units + k] : 0;
      }
      bias_hh[g] = Cell::kBiases == 2 ? job.bias_hh[row] : job.bias_ih[row];
      bias_ih[g] = Cell::kBiases == 2 ? job.bias_ih[row] : 0;
    }
  }

  /// U h + bias_hh; two chains of additions per gate.
  __device__ void times(const Four* h, float* u) const {
    float even[Cell::kGates], odd[Cell::kGates];
    NNRUN_UNROLL
    for (int g = 0; g < Cell::kGates; ++g) {
      even[g] = bias_hh[g];
      odd[g] = 0;
    }
    Four all[kUnits / 4];
    NNRUN_UNROLL
    for (int i = 0; i < kUnits / 4; ++i) all[i] = h[i];
    NNRUN_UNROLL
    for (int k = 0; k < kUnits; ++k) {
      NNRUN_UNROLL
      for (int g = 0; g < Cell::kGates; ++g) {
        (k % 2 == 0 ? even : odd)[g] += weight[g][k] * all[k / 4].v[k % 4];
      }
    }
    NNRUN_UNROLL
    for (int g = 0; g < Cell::kGates; ++g) u[g] = even[g] + odd[g];
  }
};

/// Where a lane's unit leaves what it computes.
template <class Cell, int kUnits>
class ForwardResults {
 public:
  __device__ ForwardResults(const NnrunRecurrent& job, const Walk& walk, Lane lane)
      : tape_(job.tape),
        output_(job.output + blockIdx.x * job.output_stride + lane.unit),
        direction_(walk.direction),
        record_(lane.real && job.tape != nullptr),
        every_step_(lane.real && job.sequence != 0),
        last_step_(lane.real && job.sequence == 0) {
    if (record_) tape_ += walk.first_row * kTapeSize<Cell, kUnits> + lane.unit;
    if (every_step_) output_ += lane.unit * (job.length - 1) + walk.position(0);
  }

  __device__ void store(const float* tape, float h) {
    if (record_) {
      NNRUN_UNROLL
      for (int k = 0; k < Cell::kTape; ++k) tape_[k * kUnits] = tape[k];
      tape_ += kTapeSize<Cell, kUnits>;
    }
    if (every_step_) {
      *output_ = h;
      output_ += direction_;
    }
  }

  __device__ void store_last(float h) {
    if (last_step_) *output_ = h;
  }

 private:
  float *tape_, *output_;
  int32_t direction_;
  bool record_, every_step_, last_step_;
};

/// A block is one warp: as many multiprocessors work as there are documents.
template <class Cell, int kUnits>
__device__ void forward(const NnrunRecurrent& job) {
  __shared__ ForwardShared<Cell, kUnits> shared;
  const Lane lane = lane_of(job);
  const Walk walk = walk_of(job, blockIdx.x);
  InputRows<Cell, kUnits> input(job, walk, lane.lane, shared);
  const UnitRows<Cell, kUnits> rows(job, lane.unit);
  ForwardResults<Cell, kUnits> results(job, walk, lane);
  for (Exchange<kUnits>& h : shared.h) h.clear(lane.lane);
  UnitState state;
  for (int32_t first = 0; first < walk.length; first += kChunk) {
    const float* row = input.chunk(first) + lane.unit;
    const int32_t end = min(first + kChunk, walk.length);
    for (int32_t step = first; step < end; ++step, row += Cell::kGates * kUnits) {
      float x[Cell::kGates], u[Cell::kGates], tape[Cell::kTape];
      NNRUN_UNROLL
      for (int g = 0; g < Cell::kGates; ++g) {
        x[g] = row[g * job.units];
        if constexpr (Cell::kBiases == 2) x[g] += rows.bias_ih[g];
      }
      rows.times(shared.h[step % 2].units, u);
      UnitState next = state;
      Cell::forward(job.cell, x, u, next, tape);
      if (walk.inside_text(step)) state = next;
      shared.h[(step + 1) % 2].put(lane, state.h);
      tape[Cell::kTape - 1] = state.h;
      if constexpr (Cell::kHasCell) tape[Cell::kTape - 2] = state.c;
      results.store(tape, state.h);
      __syncwarp();
    }
  }
  results.store_last(state.h);
}

struct TapeSize {
  template <class Cell, int kUnits>
  int32_t run() const {
    return kTapeSize<Cell, kUnits>;
  }
};

struct PartialSize {
  int32_t units;

  template <class Cell, int kUnits>
  int64_t run() const {
    return partial_size<Cell>(units);
  }
};

template <class Cell, int kUnits>
struct Forward : Kernel<NnrunRecurrent, kLanes, 1> {
  static __device__ void run(const NnrunRecurrent& job) { forward<Cell, kUnits>(job); }
};

struct ForwardLaunch {
  const NnrunRecurrent& job;
  void* stream;

  template <class Cell, int kUnits>
  const char* run() const {
    return launch<Forward<Cell, kUnits>>(job, static_cast<unsigned>(job.batch), stream);
  }
};

}  // namespace
}  // namespace nnrun

extern "C" const char* nnrun_cuda_recurrent_forward(const NnrunRecurrent* job, void* stream) {
  if (job->batch == 0) return nullptr;
  return nnrun::for_cell(job->cell, job->units, nnrun::ForwardLaunch{*job, stream});
}

extern "C" int32_t nnrun_cuda_gates(NnrunCell cell) {
  return cell == kNnrunGru ? 3 : cell == kNnrunLstm ? 4 : 1;
}

extern "C" int32_t nnrun_cuda_tape_size(NnrunCell cell, int32_t units) {
  return nnrun::for_cell(cell, units, nnrun::TapeSize{});
}

extern "C" int64_t nnrun_cuda_partial_size(NnrunCell cell, int32_t units) {
  return nnrun::for_cell(cell, units, nnrun::PartialSize{units});
}
