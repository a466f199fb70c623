#include "model/kernels/cuda/launch.h"
#include "model/kernels/cuda/recurrent_document_backward.h"
#include "model/kernels/cuda/recurrent_launch.h"

namespace nnrun {
namespace {

template <class Cell, int kUnits>
__global__ void __launch_bounds__(kLanes) backward(const __grid_constant__ NnrunRecurrent job) {
  __shared__ BackwardShared<Cell, kUnits> shared;
  backward_document<Cell, kUnits>(job, blockIdx.x, DeviceWarp(), shared);
}

struct BackwardLaunch {
  const NnrunRecurrent& job;
  cudaStream_t stream;

  template <class Cell, int kUnits>
  const char* run() const {
    backward<Cell, kUnits><<<static_cast<unsigned>(job.batch), kLanes, 0, stream>>>(job);
    return launch_result();
  }
};

}  // namespace
}  // namespace nnrun

extern "C" const char* nnrun_cuda_recurrent_backward(const NnrunRecurrent* job, void* stream) {
  if (job->batch == 0) return nullptr;
  return nnrun::for_cell(*job, nnrun::BackwardLaunch{*job, nnrun::as_stream(stream)});
}
