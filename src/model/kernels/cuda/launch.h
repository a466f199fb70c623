#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "model/kernels/cuda/together.h"

/// A kernel is a struct whose `run` does one thread's part of a job:
///   struct Drop : Kernel<NnrunDropout, kBlock> {
///     static __device__ void run(const Job& job);  // of blockIdx.x, blockIdx.y, threadIdx.x
///   };
///   return launch<Drop>(*job, blocks_for(job->count), stream);
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

/// Threads of a block; blocks for which a multiprocessor has the registers (0: the compiler's
/// choice).
template <class KernelJob, int kBlockThreads, int kResidentBlocks = 0>
struct Kernel {
  using Job = KernelJob;
  static constexpr int kThreads = kBlockThreads, kBlocks = kResidentBlocks;
};

template <class Job>
struct Jobs {
  Job of_run[kNnrunTogether];
};

template <class K>
__global__ void __launch_bounds__(K::kThreads, K::kBlocks)
    alone(const __grid_constant__ typename K::Job job) {
  K::run(job);
}

template <class K>
__global__ void __launch_bounds__(K::kThreads, K::kBlocks)
    together(const __grid_constant__ Jobs<typename K::Job> jobs) {
  K::run(jobs.of_run[blockIdx.z]);
}

template <class Parameter>
const char* queue(void (*kernel)(Parameter), const Parameter& parameter, dim3 blocks, int threads,
                  void* stream) {
  cudaLaunchConfig_t config{};
  config.gridDim = blocks;
  config.blockDim = dim3(static_cast<unsigned>(threads));
  config.stream = static_cast<cudaStream_t>(stream);
  const cudaError_t error = cudaLaunchKernelEx(&config, kernel, parameter);
  if (error != cudaSuccess) cudaGetLastError();  // or LibTorch's next launch would report it
  return message_of(error);
}

/// NnrunLaunch::start.
template <class K>
const char* start_together(const NnrunLaunch* launch, const void* const* of_runs, int32_t count,
                           void* stream) {
  using Job = typename K::Job;
  Jobs<Job> jobs{};
  for (int32_t run = 0; run < count; ++run) {
    jobs.of_run[run] = *static_cast<const Job*>(of_runs[run]);
  }
  const dim3 blocks(launch->blocks_x, launch->blocks_y, static_cast<unsigned>(count));
  return queue(together<K>, jobs, blocks, K::kThreads, stream);
}

/// Where a stream's launches go; null: to the GPU.
const NnrunDiversion* diversion_of(void* stream);

/// Queues a kernel; null when it was accepted.
template <class K>
const char* launch(const typename K::Job& job, dim3 blocks, void* stream) {
  const NnrunDiversion* const diversion = diversion_of(stream);
  if (diversion == nullptr) return queue(alone<K>, job, blocks, K::kThreads, stream);
  const NnrunLaunch diverted{&job, sizeof(job), blocks.x, blocks.y, K::kThreads, start_together<K>};
  return diversion->take(diversion->self, &diverted);
}

}  // namespace nnrun
