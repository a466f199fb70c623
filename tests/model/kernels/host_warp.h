#pragma once

#include <array>

#include "model/kernels/cuda/warp.h"

namespace nnrun {

/// Runs the phases of a CUDA kernel lane by lane on the host: what a warp computes, without a GPU.
struct HostWarp {
  bool down = true;  ///< from the last lane to the first

  template <class T>
  using PerLane = std::array<T, kLanes>;

  template <class T, class Phase>
  void each(std::array<T, kLanes>& lanes, const Phase& phase) const {
    for (int i = 0; i < kLanes; ++i) {
      const int lane = down ? kLanes - 1 - i : i;
      phase(lane, lanes[static_cast<size_t>(lane)]);
    }
  }
  void sync() const {}
};

}  // namespace nnrun
