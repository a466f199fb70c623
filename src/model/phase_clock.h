#pragma once

#include <torch/torch.h>

#include <chrono>

#include "nnrun/engine.h"

namespace nnrun {

/// Adds up the seconds of the phases of a step.
///   clock.start(); …; clock.lap(&PhaseTimes::forward); …; clock.lap(&PhaseTimes::backward);
class PhaseClock {
 public:
  explicit PhaseClock(at::Device device) : device_(device) {}

  void start() { last_ = now(); }
  /// The time since the last call belongs to `phase`.
  void lap(double PhaseTimes::*phase);
  void count_step() { ++times_.steps; }

  /// Waits for a GPU at every lap, so that its work is charged to the right phase.
  void set_exact(bool exact) { exact_ = exact; }
  PhaseTimes take();  ///< what was added up since the last take

 private:
  using Time = std::chrono::steady_clock::time_point;
  Time now() const;

  at::Device device_;
  bool exact_ = false;
  Time last_;
  PhaseTimes times_;
};

}  // namespace nnrun
