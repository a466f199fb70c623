#include "model/kernels/cuda/launch.h"
#include "model/kernels/cuda/loss_entry.h"

namespace nnrun {
namespace {

struct BlockStep {
  template <class Work>
  NNRUN_HD void operator()(int threads, const Work& work) const {
#ifdef __CUDA_ARCH__
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < threads) work(static_cast<int>(threadIdx.x));
#endif
  }
};

__global__ void __launch_bounds__(kNnrunLossThreads) loss(const __grid_constant__ NnrunLoss job) {
  __shared__ LossShare shares[kNnrunLossThreads];
  shares[threadIdx.x] = loss_rows(job, threadIdx.x);
  join_shares(shares, BlockStep());
  if (threadIdx.x != 0) return;
  *job.loss += shares[0].loss;
  *job.correct += shares[0].correct;
}

}  // namespace
}  // namespace nnrun

extern "C" const char* nnrun_cuda_loss(const NnrunLoss* job, void* stream) {
  if (job->rows == 0) return nullptr;
  nnrun::loss<<<1, kNnrunLossThreads, 0, nnrun::as_stream(stream)>>>(*job);
  return nnrun::launch_result();
}
