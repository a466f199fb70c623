#pragma once

#include <c10/cuda/CUDAStream.h>

#include "model/cuda/stream_lease.h"
#include "model/cuda_half.h"

namespace nnrun {

/// GpuRun on a stream of its own.
class StreamRun final : public GpuRun {
 public:
  explicit StreamRun(at::Device device);

  void on_stream(const std::function<void()>& work) override;
  std::unique_ptr<Recording> record(const std::function<void()>& work) override;
  void wait() override;

 private:
  StreamLease lease_;
  c10::cuda::CUDAStream stream_;
  c10::MempoolId_t pool_;  // of all recordings of this run, which never replay at the same time
};

}  // namespace nnrun
