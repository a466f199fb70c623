#pragma once

#include "model/kernels/cuda/host_device.h"

namespace nnrun {

constexpr int kLanes = 32;

/// Four floats that are read and written at once.
struct alignas(16) Four {
  float v[4];
};

#ifdef __CUDACC__
/// A warp of the device. A kernel is written in phases: `each` runs a function on every lane with
/// what the lane keeps in registers, `sync` lets the lanes see each other's shared memory. HostWarp
/// (tests) runs the same phases lane by lane.
struct DeviceWarp {
  template <class T>
  using PerLane = T;

  template <class T, class Phase>
  NNRUN_HD void each(T& own, const Phase& phase) const {
#ifdef __CUDA_ARCH__
    phase(static_cast<int>(threadIdx.x) % kLanes, own);
#endif
  }
  NNRUN_HD void sync() const {
#ifdef __CUDA_ARCH__
    __syncwarp();
#endif
  }
};
#endif

}  // namespace nnrun
