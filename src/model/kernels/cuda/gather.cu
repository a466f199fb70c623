#include "model/kernels/cuda/gather_entry.h"
#include "model/kernels/cuda/launch.h"

namespace nnrun {
namespace {

constexpr int kChunk = kNnrunGatherThreads * kNnrunGatherEntries;  // entries of a block

/// Block (n, chunk): neighbouring threads read neighbouring entries of example n.
struct Gather : Kernel<NnrunGather, kNnrunGatherThreads> {
  static __device__ void run(const Job& job) {
    const int64_t n = blockIdx.x, first = int64_t{blockIdx.y} * kChunk + threadIdx.x;
    for (int k = 0; k < kNnrunGatherEntries; ++k) {
      const int64_t entry = first + int64_t{k} * kNnrunGatherThreads;
      if (entry < job.entries) gather_entry(job, n, entry);
    }
    if (first == 0) gather_numbers(job, n);
  }
};

}  // namespace
}  // namespace nnrun

extern "C" const char* nnrun_cuda_gather(const NnrunGather* job, void* stream) {
  if (job->count == 0) return nullptr;
  const dim3 blocks(static_cast<unsigned>(job->count),
                    nnrun::blocks_for(job->entries, nnrun::kChunk));
  return nnrun::launch<nnrun::Gather>(*job, blocks, stream);
}
