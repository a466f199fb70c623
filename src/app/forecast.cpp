#include "app/forecast.h"

#include <algorithm>
#include <chrono>

#include "app/facts.h"
#include "app/in_child.h"
#include "app/process_facts.h"
#include "nnrun/train.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int64_t kTimedSteps = 2;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Proportional to a trial's time, as far as its config tells.
double work_of(const Material& material) {
  return static_cast<double>(material.plan.multiply_adds) *
         static_cast<double>(material.dataset->train.size()) *
         static_cast<double>(material.experiment.config.training.epochs);
}

Forecast time_trials(const std::vector<const Trial*>& trials, const fs::path& data_dir,
                     const Hardware& hardware, double budget) {
  const auto begin = Clock::now();
  MaterialLoader loader(data_dir);
  Forecast result;
  double timed_work = 0, other_work = 0;
  for (const Trial* trial : trials) {
    const auto material = loader.load(trial->experiment);
    const double spent = seconds_since(begin);
    if (result.timed > 0 && spent > budget) {
      other_work += work_of(*material);
      continue;
    }
    const Prediction prediction = predict(*material, hardware);
    if (result.timed == 0) result.start_seconds = spent + prediction.start_seconds;
    result.seconds += prediction.seconds;
    timed_work += work_of(*material);
    ++result.timed;
  }
  if (timed_work > 0) result.seconds *= 1 + other_work / timed_work;
  result.memory_mib = peak_memory_mib();
  return result;
}

}  // namespace

Prediction predict(const Material& material, const Hardware& hardware) {
  const auto begin = Clock::now();
  const Workbench bench = open_workbench(material, hardware);
  bench.session->restore(starting_weights(material), /*updates=*/0);
  bench.session->profile(/*steps=*/1);  // allocator, thread pool, kernel choice
  const double started = seconds_since(begin);
  const PhaseTimes times = bench.session->profile(kTimedSteps);
  const auto timed = static_cast<double>(std::max<int64_t>(1, times.steps));
  const TrainingConfig& training = material.experiment.config.training;
  const Dataset& data = *material.dataset;

  Prediction prediction;
  prediction.parameters = material.plan.parameters;
  prediction.steps = steps_per_epoch(training, data.train.size());
  prediction.step_seconds =
      (times.input + times.forward + times.loss + times.backward + times.optimizer) / timed;
  prediction.start_seconds = std::max(0.0, started - prediction.step_seconds);
  // Validation passes count as the forward pass's share of a step.
  const int64_t batches = data.split(data.validation_split()).size() / training.batch_size + 1;
  const double epoch = static_cast<double>(prediction.steps) * prediction.step_seconds +
                       static_cast<double>(batches) * times.forward / timed;
  prediction.seconds = epoch * static_cast<double>(training.epochs);
  return prediction;
}

std::optional<Forecast> forecast(const std::vector<const Trial*>& trials, const fs::path& data_dir,
                                 const Hardware& hardware, double budget) {
  if (trials.empty()) return std::nullopt;
  return in_child([&] { return time_trials(trials, data_dir, hardware, budget); });
}

}  // namespace nnrun
