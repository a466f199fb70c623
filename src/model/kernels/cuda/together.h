#pragma once

#include <cstdint>

/// Launches that serve several runs at once: the same kernel over as many jobs, one per layer of
/// the grid (blockIdx.z).
extern "C" {

enum { kNnrunTogether = 8 };  ///< runs at most

/// A launch that has not been done: a job of one run, and how it would be done.
struct NnrunLaunch {
  const void* job;
  int64_t job_size;  ///< bytes
  uint32_t blocks_x, blocks_y, threads;
  /// Queues the kernel for jobs of `count` runs, all of this size and this grid; its one parameter
  /// is an array of kNnrunTogether jobs. Null for success.
  const char* (*start)(const NnrunLaunch* launch, const void* const* jobs, int32_t count,
                       void* stream);
};

/// Who gets a stream's launches in the GPU's place. `take` returns null for success.
struct NnrunDiversion {
  void* self;
  const char* (*take)(void* self, const NnrunLaunch* launch);
};

/// From here on all launches on `stream`, whatever thread they come from, go there; null: to the
/// GPU again.
void nnrun_cuda_divert(void* stream, const NnrunDiversion* diversion);

}  // extern "C"
