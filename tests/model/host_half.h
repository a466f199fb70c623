#pragma once

#include "model/cuda_half.h"

namespace nnrun::testing {

/// The engine's CUDA half on the CPU: its layers and optimizer are the real ones, and so are the
/// kernels, run by tests/host_cuda.
const CudaHalf& host_half();

/// Plays a GPU's part on the CPU: a recording is the work itself, not done when it is recorded,
/// done at every replay.
class RunDouble final : public GpuRun {
 public:
  void on_stream(const std::function<void()>& work) override { work(); }
  void warm_up(const std::function<void()>& work) override {
    ++warm_ups;
    work();
  }
  std::unique_ptr<Recording> record(const std::function<void()>& work) override;
  void wait() override;

  bool refuses = false, stop_at_wait = false, stop_at_loss = false;
  int loses_company_at = 0;  ///< the replay that does nothing and says so; 0: none
  int warm_ups = 0, recorded = 0, replayed = 0, waits = 0;
};

}  // namespace nnrun::testing
