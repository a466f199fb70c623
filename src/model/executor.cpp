#include "model/executor.h"

#include <algorithm>
#include <utility>

#include "nnrun/log.h"
#include "nnrun/stop.h"

namespace nnrun {
namespace {

/// Libraries choose their kernels and take their memory at the first calls.
constexpr int kWarmUps = 2;

std::vector<at::Tensor> copies_of(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> copies;
  for (const at::Tensor& tensor : tensors) copies.push_back(tensor.detach().clone());
  return copies;
}

void put_back(const std::vector<at::Tensor>& copies, const std::vector<at::Tensor>& tensors) {
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < tensors.size(); ++i) tensors[i].copy_(copies[i]);
}

}  // namespace

Executed EagerExecutor::run(int64_t steps, const StepFunction& step) {
  if (GpuRun* const gpu = std::exchange(gpu_, nullptr)) {
    Executed done;
    gpu->warm_up([&] { done = run(steps, step); });
    return done;
  }
  for (int64_t i = 0; i < steps; ++i) {
    if (stop_signal() != 0) return {i, /*stopped=*/true};
    if (!step(i)) return {i + 1, /*stopped=*/false};
  }
  return {steps, /*stopped=*/false};
}

GraphExecutor::GraphExecutor(GraphPlan plan) : plan_(std::move(plan)) {}

Executed GraphExecutor::run(int64_t steps, const StepFunction& step) {
  int64_t done = 0;
  do {
    if (done > 0) plan_.gpu.wait();
    if (stop_signal() != 0) return {done, /*stopped=*/true};
    if (!prepare(steps, step)) return run_eagerly(done, steps, step);
    if (recordings_[static_cast<size_t>(done / plan_.steps_per_recording)]->replay())
      done = std::min(steps, done + plan_.steps_per_recording);
    else
      recorded_steps_ = 0;
  } while (done < steps);
  return {steps, /*stopped=*/false};
}

Executed GraphExecutor::run_eagerly(int64_t done, int64_t steps, const StepFunction& step) {
  Executed rest = eager_.run(steps - done, [&](int64_t i) { return step(done + i); });
  rest.steps += done;
  return rest;
}

/// True: there are recordings of this many steps.
bool GraphExecutor::prepare(int64_t steps, const StepFunction& step) {
  if (!problem_.empty() || steps == 0) return false;
  if (recorded_steps_ == steps) return true;
  recordings_.clear();
  const std::vector<at::Tensor> before = copies_of(plan_.state);
  // Outside the try: what fails here would fail one by one, too.
  plan_.gpu.warm_up([&] { warm_up(steps, step); });
  put_back(before, plan_.state);
  plan_.gpu.wait();
  try {
    record(steps, step);
    recorded_steps_ = steps;
    return true;
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    problem_ = text.substr(0, text.find('\n'));
  }
  recordings_.clear();
  log_info("the steps of an epoch cannot be recorded as a CUDA graph (" + problem_ +
           "); they run one by one");
  return false;
}

/// The first step stands for all but the last, whose batch may be smaller.
void GraphExecutor::warm_up(int64_t steps, const StepFunction& step) const {
  for (int i = 0; i < kWarmUps; ++i) {
    step(0);
    if (steps > 1) step(steps - 1);
  }
}

void GraphExecutor::record(int64_t steps, const StepFunction& step) {
  for (int64_t begin = 0; begin < steps; begin += plan_.steps_per_recording) {
    const int64_t end = std::min(steps, begin + plan_.steps_per_recording);
    recordings_.push_back(plan_.gpu.record([step, begin, end] {
      for (int64_t i = begin; i < end; ++i) step(i);
    }));
  }
}

}  // namespace nnrun
