#include "model/kernels/cuda/launch.h"
#include "model/kernels/cuda/loss_entry.h"

namespace nnrun {
namespace {

struct Loss : Kernel<NnrunLoss, kNnrunLossThreads> {
  static __device__ void run(const Job& job) {
    __shared__ LossShare shares[kNnrunLossThreads];
    shares[threadIdx.x] = loss_rows(job, threadIdx.x);
    for (unsigned half = kNnrunLossThreads / 2; half > 0; half /= 2) {
      __syncthreads();
      if (threadIdx.x >= half) continue;
      shares[threadIdx.x].loss += shares[threadIdx.x + half].loss;
      shares[threadIdx.x].correct += shares[threadIdx.x + half].correct;
    }
    if (threadIdx.x != 0) return;
    *job.loss += shares[0].loss;
    *job.correct += shares[0].correct;
  }
};

}  // namespace
}  // namespace nnrun

extern "C" const char* nnrun_cuda_loss(const NnrunLoss* job, void* stream) {
  if (job->rows == 0) return nullptr;
  return nnrun::launch<nnrun::Loss>(*job, 1, stream);
}
