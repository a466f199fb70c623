#pragma once

#include <cuda_pipeline_primitives.h>

#include "model/kernels/cuda/recurrent_cells.h"

/// What both passes of a recurrent layer over one document share. A document is one warp's, a unit
/// one lane's; lanes behind the last unit do that unit's work once more and store nothing. `kUnits`
/// (a multiple of 4) is the number of units rounded up: weights of units that are not there are 0.
namespace nnrun {

constexpr int kLanes = 32;

/// Steps whose rows are copied to shared memory at once, while the steps before them are worked on:
/// from device memory a row takes as long as a step, and a step has no time for addresses.
constexpr int kChunk = 8;

/// Four floats that are read at once.
struct alignas(16) Four {
  float v[4];
};

/// Keeps an address in registers; the compiler would rather work it out again wherever it is used.
template <class T>
__device__ void keep([[maybe_unused]] T*& address) {
#ifdef __CUDA_ARCH__
  asm volatile("" : "+l"(address));
#endif
}

struct Lane {
  int lane, unit;
  bool real;  ///< the unit's own lane
};

/// A number of each unit, for all lanes to read. Lanes behind the last unit have places, too: a
/// store that all lanes do is the cheapest.
template <int kUnits>
struct Exchange {
  Four units[(kUnits + kLanes) / 4];

  __device__ void put(Lane lane, float value) {
    const int place = lane.real ? lane.lane : kUnits + lane.lane;
    units[place / 4].v[place % 4] = value;
  }
  __device__ void clear(int lane) {
    if (lane < (kUnits + kLanes) / 4) units[lane] = Four{};
  }
};

__device__ inline Lane lane_of(const NnrunRecurrent& job) {
  const int lane = static_cast<int>(threadIdx.x);
  return {lane, min(lane, job.units - 1), lane < job.units};
}

/// The steps of a document, in walking order.
struct Walk {
  int64_t first_row;   ///< n L
  int32_t length;      ///< steps
  int32_t direction;   ///< -1: from the last position to the first
  int32_t text_begin;  ///< first step inside the text
  int32_t text_steps;

  __device__ int32_t position(int32_t step) const {
    return direction > 0 ? step : length - 1 - step;
  }
  __device__ bool inside_text(int32_t step) const {
    return step >= text_begin && step - text_begin < text_steps;
  }
};

__device__ inline Walk walk_of(const NnrunRecurrent& job, int64_t n) {
  const auto length = static_cast<int32_t>(job.length);
  const bool whole = job.lengths == nullptr || job.lengths[n] >= job.length;
  const int32_t text = whole ? length : static_cast<int32_t>(job.lengths[n]);
  const bool reverse = job.reverse != 0;
  return {n * job.length, length, reverse ? -1 : 1, reverse ? length - text : 0, text};
}

/// Numbers that a step leaves on the tape: [kTape, kUnits].
template <class Cell, int kUnits>
constexpr int kTapeSize = Cell::kTape* kUnits;

}  // namespace nnrun
