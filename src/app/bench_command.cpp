#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/facts.h"
#include "app/locations.h"
#include "app/process_facts.h"
#include "app/workbench.h"
#include "nnrun/format.h"
#include "nnrun/log.h"
#include "nnrun/store.h"
#include "nnrun/train.h"
#include "report/progress.h"
#include "report/text_table.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kWarmUpSteps = 3;  // allocator, thread pool, kernel choice

/// A part of an epoch, in seconds.
struct Phase {
  const char* name;
  double per_step, per_epoch;
};

struct Measurement {
  std::vector<Phase> phases;      ///< of the steps
  double evaluation = 0;          ///< one pass over the validation data
  double checkpoint = 0;          ///< taking the state and building the file's bytes; not written
  double step = 0, step_cpu = 0;  ///< on a GPU as epochs are trained, else the sum of the phases
  double first_step = 0;          ///< from the start of the process to the end of the first step
  double first_loss = 0, last_loss = 0;  ///< of the first batch, before and after all steps
  int64_t steps = 0, steps_per_epoch = 0;

  double epoch() const { return step * static_cast<double>(steps_per_epoch) + evaluation; }
};

constexpr std::pair<const char*, double PhaseTimes::*> kPhases[] = {
    {"input", &PhaseTimes::input},
    {"forward", &PhaseTimes::forward},
    {"loss", &PhaseTimes::loss},
    {"backward", &PhaseTimes::backward},
    {"optimizer", &PhaseTimes::optimizer}};

/// Times of so many steps, epoch after epoch; of fewer when a signal comes.
PhaseTimes profile(Session& session, int64_t steps) {
  PhaseTimes all = session.profile(steps);
  while (all.steps < steps) {
    const PhaseTimes more = session.profile(steps - all.steps);
    if (more.steps == 0) break;
    for (const auto& [name, phase] : kPhases) all.*phase += more.*phase;
    all.steps += more.steps;
  }
  return all;
}

void measure_steps(Session& session, int64_t steps, Measurement& result) {
  result.first_loss = session.profile(1).mean_loss;
  result.first_step = process_age_seconds();
  session.profile(kWarmUpSteps);
  const double cpu = cpu_seconds();
  const PhaseTimes times = profile(session, steps);
  const double count = static_cast<double>(std::max<int64_t>(1, times.steps));
  result.step_cpu = (cpu_seconds() - cpu) / count;
  result.steps = times.steps;
  for (const auto& [name, phase] : kPhases) {
    const double seconds = times.*phase / count;
    result.phases.push_back({name, seconds, seconds * static_cast<double>(result.steps_per_epoch)});
    result.step += seconds;
  }
  result.last_loss = session.profile(1).mean_loss;
}

template <class Work>
double seconds_of(const Work& work) {
  const double start = monotonic_seconds();
  work();
  return monotonic_seconds() - start;
}

void make_checkpoint(Session& session) {
  session.mark(Mark::kLast);
  Checkpoint checkpoint;
  checkpoint.tensors = session.state(Mark::kLast);
  encode_checkpoint(checkpoint);
}

bool on_gpu(const Workbench& bench) { return bench.device.kind == DeviceKind::kCuda; }

/// Passes are recorded on a GPU at their first time and replayed from then on.
Measurement measure(const Material& material, const Workbench& bench, int64_t steps) {
  Measurement result;
  Session& session = *bench.session;
  const Dataset& data = *material.dataset;
  const ExperimentConfig& config = material.experiment.config;
  result.steps_per_epoch = steps_per_epoch(config.training, data.train.size());
  measure_steps(session, steps, result);
  const auto train = [&] { session.train_epoch(/*epoch=*/0, config.optimizer.learning_rate); };
  const auto evaluate = [&] { session.evaluate(data.validation_split(), /*epoch=*/0); };
  if (on_gpu(bench)) {
    train();
    result.step = seconds_of(train) / static_cast<double>(result.steps_per_epoch);
    evaluate();
  }
  result.evaluation = seconds_of(evaluate);
  result.checkpoint = seconds_of([&] { make_checkpoint(session); });
  return result;
}

std::string formatted(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string milliseconds(double seconds) { return formatted("%.3f ms", seconds * 1e3); }

std::string bench_text(const Workbench& bench, const Measurement& m) {
  const auto share = [&](double per_epoch) {
    return std::to_string(std::lround(100 * per_epoch / m.epoch())) + " %";
  };
  std::vector<std::vector<std::string>> rows{{"phase", "per step", "per epoch", "share"}};
  const bool apart = on_gpu(bench);  // the phases are no parts of an epoch
  for (const Phase& phase : m.phases)
    rows.push_back({phase.name, milliseconds(phase.per_step), duration(phase.per_epoch),
                    apart ? "" : share(phase.per_epoch)});
  if (apart) {
    const double steps = m.step * static_cast<double>(m.steps_per_epoch);
    rows.push_back({"in an epoch", milliseconds(m.step), duration(steps), share(steps)});
  }
  rows.push_back({"evaluation", "", duration(m.evaluation), share(m.evaluation)});
  rows.push_back({"sum", milliseconds(m.step), duration(m.epoch()), "100 %"});
  return aligned(rows) + "epoch: " + counted(m.steps_per_epoch, "step") +
         " and one evaluation; a checkpoint: " + milliseconds(m.checkpoint) +
         " without writing it\nprocessor time: " + milliseconds(m.step_cpu) +
         " per step\nfirst step done " + formatted("%.2f s", m.first_step) +
         " after the start; peak memory: " + grouped(peak_memory_mib()) +
         " MiB\nloss: " + four_decimals(m.first_loss) + " before, " + four_decimals(m.last_loss) +
         " after the steps, on the same batch\n" + counted(m.steps, "step") + " timed on " +
         bench.device_name + ", " + counted(bench.device.threads, "thread") + "\n";
}

Json bench_json(const Workbench& bench, const Measurement& m) {
  Json json{{"device", bench.device_name},
            {"threads", bench.device.threads},
            {"steps", m.steps},
            {"phases", Json::object()},
            {"epoch_phases", Json::object()}};
  for (const Phase& phase : m.phases) {
    json["phases"][phase.name] = phase.per_step;
    json["epoch_phases"][phase.name] = phase.per_epoch;
  }
  json["epoch_phases"]["evaluation"] = m.evaluation;
  json["epoch_phases"]["checkpoint"] = m.checkpoint;
  json["step_seconds"] = m.step;
  json["step_cpu_seconds"] = m.step_cpu;
  json["steps_per_epoch"] = m.steps_per_epoch;
  json["epoch_seconds"] = m.epoch();
  json["first_step_seconds"] = m.first_step;
  json["first_loss"] = m.first_loss;
  json["last_loss"] = m.last_loss;
  json["peak_memory_mib"] = peak_memory_mib();
  return json;
}

}  // namespace

int bench_command(const Options& options, Output& out) {
  const Experiment experiment =
      load_experiment(options.config, shipped_configs(), options.overrides);
  const std::vector<Trial> trials = expand_trials(experiment);
  if (experiment.config.sweep)
    log_info("the sweep has " + counted(std::ssize(trials), "trial") + "; timed is " +
             trials.front().folder);
  Experiment timed = trials.front().experiment;
  timed.config.training.on_nonfinite = OnNonfinite::kContinue;  // steps take time whatever the loss
  MaterialLoader loader(data_folder(options));
  const auto material = load_for_start(loader, timed, options.device);
  const Workbench bench = open_workbench(*material, hardware_from(options, /*in_trial=*/false));
  bench.session->restore(starting_weights(*material), /*updates=*/0);
  const Measurement measurement = measure(*material, bench, options.steps);
  if (options.json)
    out.json(bench_json(bench, measurement));
  else
    out.write(bench_text(bench, measurement));
  return 0;
}

}  // namespace nnrun
