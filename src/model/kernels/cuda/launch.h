#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace nnrun {

constexpr int kBlock = 256;  // threads of a block, where nothing else decides

/// Null for success.
inline const char* message_of(cudaError_t error) {
  return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

/// Blocks of `threads` for `count` entries.
inline unsigned blocks_for(int64_t count, int64_t threads = kBlock) {
  return static_cast<unsigned>((count + threads - 1) / threads);
}

/// Where a kernel runs: blocks of `threads`, on a cudaStream_t.
struct Launch {
  dim3 blocks;
  unsigned threads;
  void* stream;
};

/// Queues a kernel; null when it was accepted.
///   return launch({blocks_for(job->count), kBlock, stream}, drop, *job);
template <class... Parameters, class... Arguments>
const char* launch(const Launch& where, void (*kernel)(Parameters...),
                   const Arguments&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = where.blocks;
  config.blockDim = dim3(where.threads);
  config.stream = static_cast<cudaStream_t>(where.stream);
  const cudaError_t error = cudaLaunchKernelEx(&config, kernel, arguments...);
  if (error != cudaSuccess) cudaGetLastError();  // or LibTorch's next launch would report it
  return message_of(error);
}

}  // namespace nnrun
