#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

/// As much of the CUDA runtime as the kernels use, on the host: with this header in front of the
/// toolkit's the .cu files compile as C++, and their launches run block by block, so that the tests
/// need no GPU. The threads of a block take turns: each runs until it waits for the others.

// NOLINTBEGIN(bugprone-reserved-identifier)
#define __global__
#define __device__
#define __shared__ static thread_local
#define __launch_bounds__(...)
#define __grid_constant__
// NOLINTEND(bugprone-reserved-identifier)

struct dim3 {
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
  unsigned x, y, z;
};

inline thread_local dim3 blockIdx(0, 0, 0), threadIdx(0, 0, 0);

void __syncthreads();
void __syncwarp();
/// Lanes of the warp, which all come here, with this value.
unsigned __match_any_sync(unsigned lanes, int value);

inline int __popc(unsigned bits) { return std::popcount(bits); }
inline int atomicAdd(int* at, int value) { return std::exchange(*at, *at + value); }

using std::min;

using cudaStream_t = struct CUstream_st*;
enum cudaError_t { cudaSuccess, cudaErrorInvalidConfiguration };

inline const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaSuccess ? "no error" : "invalid configuration argument";
}

inline cudaError_t cudaGetLastError() { return cudaSuccess; }

struct cudaDeviceProp {
  char name[256];
};
inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {"host"};
  return cudaSuccess;
}

struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  size_t dynamicSmemBytes = 0;
  cudaStream_t stream = nullptr;
};

namespace host_cuda {

/// Calls `thread` for every thread of the launch.
cudaError_t run_grid(const cudaLaunchConfig_t& config, const std::function<void()>& thread);

}  // namespace host_cuda

/// Runs the launch to its end.
template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               const Arguments&... arguments) {
  return host_cuda::run_grid(*config, [&] { kernel(arguments...); });
}
