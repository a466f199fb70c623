#include "model/kernels/cuda/dropout_entry.h"
#include "model/kernels/cuda/launch.h"

namespace nnrun {
namespace {

__global__ void drop(NnrunDropout job) {
  const int64_t block = int64_t{blockIdx.x} * kBlock + threadIdx.x;
  if (4 * block < job.count) drop_block(job, block);
}

}  // namespace
}  // namespace nnrun

extern "C" const char* nnrun_cuda_dropout(const NnrunDropout* job, void* stream) {
  if (job->count == 0) return nullptr;
  const unsigned blocks = nnrun::blocks_for(job->count, int64_t{4} * nnrun::kBlock);
  return nnrun::launch({blocks, nnrun::kBlock, stream}, nnrun::drop, *job);
}
