#include "model/phase_clock.h"

#include <ATen/detail/CUDAHooksInterface.h>

#include <utility>

namespace nnrun {

PhaseClock::Time PhaseClock::now() const {
  if (exact_ && device_.is_cuda()) at::detail::getCUDAHooks().deviceSynchronize(device_.index());
  return std::chrono::steady_clock::now();
}

void PhaseClock::lap(double PhaseTimes::*phase) {
  const Time time = now();
  times_.*phase += std::chrono::duration<double>(time - last_).count();
  last_ = time;
}

PhaseTimes PhaseClock::take() { return std::exchange(times_, {}); }

}  // namespace nnrun
