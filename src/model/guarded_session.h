#pragma once

#include <functional>
#include <memory>

#include "model/cuda_half.h"
#include "nnrun/engine.h"

namespace nnrun {

/// Runs `work`, turning LibTorch's errors into ours: DeviceError for out of memory and a lost
/// device, else Error(kBug); one line each.
void translating_errors(const std::function<void()>& work);

/// Where the calls of a session run.
struct SessionPlace {
  int threads = 1;              ///< of the CPU
  std::shared_ptr<GpuRun> gpu;  ///< null: the CPU, or the GPU's default stream

  /// With so many threads, none of which computes with denormal numbers.
  void enter(const std::function<void()>& work) const;
  /// The same for work that is never recorded: GpuRun::warm_up.
  void enter_unrecorded(const std::function<void()>& work) const;
  /// Waits for what a stopped pass left under way, which reads data that sessions share.
  void settle() const;
};

/// A session whose calls run at their place and never let an error of LibTorch out.
std::unique_ptr<Session> guarded(std::unique_ptr<Session> session, SessionPlace place);

}  // namespace nnrun
