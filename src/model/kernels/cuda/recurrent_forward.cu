#include "model/kernels/cuda/launch.h"
#include "model/kernels/cuda/recurrent_document.h"
#include "model/kernels/cuda/recurrent_launch.h"

namespace nnrun {
namespace {

/// A block is one warp: as many multiprocessors work as there are documents.
template <class Cell, int kUnits>
__global__ void __launch_bounds__(kLanes) forward(const __grid_constant__ NnrunRecurrent job) {
  __shared__ ForwardShared<kUnits> shared;
  ForwardLane<Cell, kUnits> own;
  const int lane = static_cast<int>(threadIdx.x);
  load_forward(job, blockIdx.x, lane, own, shared);
  __syncwarp();
  for (int64_t step = 0; step < job.length; ++step) {
    forward_step(job, blockIdx.x, step, lane, own, shared);
    __syncwarp();
  }
}

struct ForwardLaunch {
  const NnrunRecurrent& job;
  void* stream;

  template <class Cell, int kUnits>
  const char* run() const {
    return launch({static_cast<unsigned>(job.batch), kLanes, stream}, forward<Cell, kUnits>, job);
  }
};

}  // namespace
}  // namespace nnrun

extern "C" const char* nnrun_cuda_recurrent_forward(const NnrunRecurrent* job, void* stream) {
  if (job->batch == 0) return nullptr;
  return nnrun::for_cell(*job, nnrun::ForwardLaunch{*job, stream});
}

extern "C" int32_t nnrun_cuda_gates(NnrunCell cell) {
  return cell == kNnrunGru ? 3 : cell == kNnrunLstm ? 4 : 1;
}

extern "C" int32_t nnrun_cuda_tape_rows(NnrunCell cell) {
  return cell == kNnrunGru    ? nnrun::GruCell::kTape
         : cell == kNnrunLstm ? nnrun::LstmCell::kTape
                              : nnrun::RnnCell::kTape;
}

extern "C" int64_t nnrun_cuda_partial_size(NnrunCell cell, int32_t units) {
  return cell == kNnrunGru    ? nnrun::partial_size<nnrun::GruCell>(units)
         : cell == kNnrunLstm ? nnrun::partial_size<nnrun::LstmCell>(units)
                              : nnrun::partial_size<nnrun::RnnCell>(units);
}
