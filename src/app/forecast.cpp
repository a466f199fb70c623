#include "app/forecast.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>

#include "app/facts.h"
#include "app/process_facts.h"
#include "base/descriptor.h"
#include "nnrun/log.h"
#include "nnrun/stop.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int64_t kTimedSteps = 2;

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
    const std::chrono::duration<double> spent = Clock::now() - begin;
    if (result.timed > 0 && spent.count() > budget) {
      other_work += work_of(*material);
      continue;
    }
    result.seconds += predict(*material, hardware).seconds;
    timed_work += work_of(*material);
    ++result.timed;
  }
  if (timed_work > 0) result.seconds *= 1 + other_work / timed_work;
  result.memory_mib = peak_memory_mib();
  return result;
}

/// In the child: nothing of it may reach the parent but the result.
[[noreturn]] void write_forecast(int descriptor, pid_t parent, const auto& make) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  set_verbosity(Verbosity::kQuiet);
  try {
    const Forecast result = make();
    ::_exit(::write(descriptor, &result, sizeof result) == sizeof result ? 0 : 1);
  } catch (const std::exception&) {
    ::_exit(1);
  }
}

/// Waits for the child's result, or for a stop signal.
std::optional<Forecast> read_forecast(int descriptor) {
  constexpr int kPause = 100;  // ms
  pollfd waiting{descriptor, POLLIN, 0};
  while (stop_signal() == 0) {
    if (::poll(&waiting, 1, kPause) <= 0) continue;
    Forecast result;
    if (::read(descriptor, &result, sizeof result) != sizeof result) return std::nullopt;
    return result;
  }
  return std::nullopt;
}

}  // namespace

Prediction predict(const Material& material, const Hardware& hardware) {
  const Workbench bench = open_workbench(material, hardware);
  bench.session->restore(starting_weights(material), /*updates=*/0);
  bench.session->profile(/*steps=*/1);  // allocator, thread pool, kernel choice
  const PhaseTimes times = bench.session->profile(kTimedSteps);
  const auto timed = static_cast<double>(std::max<int64_t>(1, times.steps));
  const TrainingConfig& training = material.experiment.config.training;
  const Dataset& data = *material.dataset;

  Prediction prediction;
  prediction.parameters = material.plan.parameters;
  prediction.steps = steps_per_epoch(training, data.train.size());
  prediction.step_seconds =
      (times.input + times.forward + times.loss + times.backward + times.optimizer) / timed;
  // Validation passes count as the forward pass's share of a step.
  const int64_t batches = data.split(data.validation_split()).size() / training.batch_size + 1;
  const double epoch = static_cast<double>(prediction.steps) * prediction.step_seconds +
                       static_cast<double>(batches) * times.forward / timed;
  prediction.seconds = epoch * static_cast<double>(training.epochs);
  return prediction;
}

std::optional<Forecast> forecast(const std::vector<const Trial*>& trials, const fs::path& data_dir,
                                 const Hardware& hardware, double budget) {
  int ends[2];
  if (trials.empty() || ::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  const pid_t parent = ::getpid(), child = ::fork();
  if (child < 0) return std::nullopt;
  if (child == 0)
    write_forecast(write_end.get(), parent,
                   [&] { return time_trials(trials, data_dir, hardware, budget); });
  write_end.close();  // so that the end of a child without a result is seen
  const auto result = read_forecast(read_end.get());
  ::kill(child, SIGKILL);  // it has answered, failed, or is not waited for any more
  ::waitpid(child, nullptr, 0);
  return result;
}

}  // namespace nnrun
