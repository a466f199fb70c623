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
enum cudaError_t {
  cudaSuccess,
  cudaErrorInvalidValue,
  cudaErrorInvalidConfiguration,
  cudaErrorStreamCaptureInvalidated
};

inline const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidValue:
      return "invalid argument";
    case cudaErrorInvalidConfiguration:
      return "invalid configuration argument";
    default:
      return "operation failed due to a previous error during capture";
  }
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

/// A kernel on its grid, for any parameter of its type.
using Kernel = std::function<cudaError_t(const void* parameter)>;

/// Adds a launch to the graph of a stream that is captured (capture.h); false: it is not.
bool capture_kernel(cudaStream_t stream, const Kernel& kernel, const void* parameter, size_t size);

}  // namespace host_cuda

/// Runs the launch to its end, if its stream is not captured.
template <class Parameter>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameter),
                               const Parameter& parameter) {
  const auto run = [kernel, config = *config](const void* any) {
    return host_cuda::run_grid(config, [&] { kernel(*static_cast<const Parameter*>(any)); });
  };
  if (host_cuda::capture_kernel(config->stream, run, &parameter, sizeof(Parameter)))
    return cudaSuccess;
  return run(&parameter);
}

// What is asked of a capture.
#define CUDART_VERSION 13000
using cudaGraph_t = struct CUgraph_st*;
using cudaGraphNode_t = struct CUgraphNode_st*;
struct cudaGraphEdgeData;
enum cudaStreamCaptureStatus { cudaStreamCaptureStatusNone, cudaStreamCaptureStatusActive };
constexpr unsigned cudaStreamSetCaptureDependencies = 1;

struct cudaKernelNodeParams {
  void* func;
  dim3 gridDim, blockDim;
  unsigned sharedMemBytes;
  void** kernelParams;
  void** extra;
};

cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, cudaStreamCaptureStatus* status,
                                     unsigned long long* id, cudaGraph_t* graph,
                                     const cudaGraphNode_t** nodes, const cudaGraphEdgeData** data,
                                     size_t* count);
cudaError_t cudaStreamUpdateCaptureDependencies(cudaStream_t stream, cudaGraphNode_t* nodes,
                                                const cudaGraphEdgeData* data, size_t count,
                                                unsigned flags);
cudaError_t cudaGraphAddDependencies(cudaGraph_t graph, const cudaGraphNode_t* from,
                                     const cudaGraphNode_t* to, const cudaGraphEdgeData* data,
                                     size_t count);
cudaError_t cudaGraphKernelNodeGetParams(cudaGraphNode_t node, cudaKernelNodeParams* parameters);
cudaError_t cudaGraphKernelNodeSetParams(cudaGraphNode_t node,
                                         const cudaKernelNodeParams* parameters);
