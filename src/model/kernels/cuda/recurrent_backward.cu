#include "model/kernels/cuda/launch.h"
#include "model/kernels/cuda/recurrent_document_backward.h"
#include "model/kernels/cuda/recurrent_launch.h"

namespace nnrun {
namespace {

template <class Cell, int kUnits>
__global__ void __launch_bounds__(kLanes) backward(const __grid_constant__ NnrunRecurrent job) {
  __shared__ BackwardShared<Cell, kUnits> shared;
  BackwardLane<Cell, kUnits> own;
  const int lane = static_cast<int>(threadIdx.x);
  load_backward(job, blockIdx.x, lane, own, shared);
  __syncwarp();
  for (int64_t step = job.length - 1; step >= 0; --step) {
    gate_gradients(job, blockIdx.x, step, lane, own, shared);
    __syncwarp();
    if (lane < job.units) fetch_tape(job, blockIdx.x, step - 1, lane, own);
    through_weights(step, lane, own, shared);
  }
  store_partials(job, blockIdx.x, lane, own);
}

struct BackwardLaunch {
  const NnrunRecurrent& job;
  void* stream;

  template <class Cell, int kUnits>
  const char* run() const {
    return launch({static_cast<unsigned>(job.batch), kLanes, stream}, backward<Cell, kUnits>, job);
  }
};

}  // namespace
}  // namespace nnrun

extern "C" const char* nnrun_cuda_recurrent_backward(const NnrunRecurrent* job, void* stream) {
  if (job->batch == 0) return nullptr;
  return nnrun::for_cell(*job, nnrun::BackwardLaunch{*job, stream});
}
