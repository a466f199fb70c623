#include "model/kernels/cuda/dropout_entry.h"
#include "model/kernels/cuda/launch.h"

namespace nnrun {
namespace {

struct Drop : Kernel<NnrunDropout, kBlock> {
  static __device__ void run(const Job& job) {
    const int64_t block = int64_t{blockIdx.x} * kBlock + threadIdx.x;
    if (4 * block < job.count) drop_block(job, block);
  }
};

}  // namespace
}  // namespace nnrun

extern "C" const char* nnrun_cuda_dropout(const NnrunDropout* job, void* stream) {
  if (job->count == 0) return nullptr;
  const unsigned blocks = nnrun::blocks_for(job->count, int64_t{4} * nnrun::kBlock);
  return nnrun::launch<nnrun::Drop>(*job, blocks, stream);
}
