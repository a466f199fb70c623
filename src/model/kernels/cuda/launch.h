#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace nnrun {

constexpr int kBlock = 256;  // threads of a block, where nothing else decides

/// Null for success.
inline const char* message_of(cudaError_t error) {
  return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

/// After a launch: whether it was accepted.
inline const char* launch_result() { return message_of(cudaGetLastError()); }

/// Blocks of `threads` for `count` entries.
inline unsigned blocks_for(int64_t count, int64_t threads = kBlock) {
  return static_cast<unsigned>((count + threads - 1) / threads);
}

inline cudaStream_t as_stream(void* stream) { return static_cast<cudaStream_t>(stream); }

}  // namespace nnrun
