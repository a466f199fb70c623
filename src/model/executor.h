#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/cuda_half.h"

namespace nnrun {

/// Work of step i; false: end the pass here.
using StepFunction = std::function<bool(int64_t step)>;

struct Executed {
  int64_t steps = 0;     ///< begun
  bool stopped = false;  ///< by a signal
};

/// How the steps of a pass reach the device. The numbers are the same, bit for bit.
///   const Executed done = executor->run(steps, [&](int64_t i) { return train_step(i); });
class Executor {
 public:
  virtual ~Executor() = default;
  virtual Executed run(int64_t steps, const StepFunction& step) = 0;
};

/// One call after another.
class EagerExecutor final : public Executor {
 public:
  /// `gpu`: whose warm-up the first pass is; null: it needs none.
  explicit EagerExecutor(GpuRun* gpu = nullptr) : gpu_(gpu) {}
  Executed run(int64_t steps, const StepFunction& step) override;

 private:
  GpuRun* gpu_;
};

/// What a GraphExecutor works with.
struct GraphPlan {
  GpuRun& gpu;
  std::vector<at::Tensor> state;    ///< all that a step changes; put back after warming up
  int64_t steps_per_recording = 0;  ///< a stop signal is heeded between recordings
};

/// Records all steps of a pass at its first run and replays them from then on. What differs from
/// pass to pass has to lie in device memory. When the steps cannot be recorded it says why, once,
/// and goes on one call after another.
class GraphExecutor final : public Executor {
 public:
  explicit GraphExecutor(GraphPlan plan);
  Executed run(int64_t steps, const StepFunction& step) override;
  const std::string& problem() const { return problem_; }  ///< why nothing is recorded; else ""

 private:
  bool prepare(int64_t steps, const StepFunction& step);
  Executed run_eagerly(int64_t done, int64_t steps, const StepFunction& step);
  void warm_up(int64_t steps, const StepFunction& step) const;
  void record(int64_t steps, const StepFunction& step);

  GraphPlan plan_;
  EagerExecutor eager_;
  std::vector<std::unique_ptr<Recording>> recordings_;
  int64_t recorded_steps_ = 0;
  std::string problem_;
};

}  // namespace nnrun
