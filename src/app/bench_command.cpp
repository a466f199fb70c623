#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/facts.h"
#include "app/locations.h"
#include "app/workbench.h"
#include "nnrun/format.h"
#include "report/text_table.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kWarmUpSteps = 3;  // allocator, thread pool, kernel choice

struct Phase {
  const char* name;
  double seconds;  // per step
};

std::vector<Phase> phases_of(const PhaseTimes& times) {
  const auto per_step = [&](double seconds) {
    return seconds / static_cast<double>(std::max<int64_t>(1, times.steps));
  };
  return {{"input", per_step(times.input)},
          {"forward", per_step(times.forward)},
          {"loss", per_step(times.loss)},
          {"backward", per_step(times.backward)},
          {"optimizer", per_step(times.optimizer)}};
}

double step_seconds(const std::vector<Phase>& phases) {
  double sum = 0;
  for (const auto& phase : phases) sum += phase.seconds;
  return sum;
}

std::string milliseconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f ms", seconds * 1e3);
  return text;
}

std::string bench_text(const Workbench& bench, const std::vector<Phase>& phases, int64_t steps,
                       int64_t epoch_steps) {
  const double step = step_seconds(phases);
  std::vector<std::vector<std::string>> rows{{"phase", "per step", "share"}};
  for (const auto& phase : phases)
    rows.push_back({phase.name, milliseconds(phase.seconds),
                    std::to_string(std::lround(100 * phase.seconds / step)) + " %"});
  rows.push_back({"step", milliseconds(step), "100 %"});
  return aligned(rows) + "epoch: " + grouped(epoch_steps) + " steps, " +
         duration(step * static_cast<double>(epoch_steps)) +
         " without evaluation\npeak memory: " + grouped(peak_memory_mib()) + " MiB\n" +
         std::to_string(steps) + " steps timed on " + bench.device_name + ", " +
         std::to_string(bench.device.threads) + " threads\n";
}

Json bench_json(const Workbench& bench, const std::vector<Phase>& phases, int64_t steps,
                int64_t epoch_steps) {
  Json json{{"device", bench.device_name},
            {"threads", bench.device.threads},
            {"steps", steps},
            {"phases", Json::object()}};
  for (const auto& phase : phases) json["phases"][phase.name] = phase.seconds;
  const double step = step_seconds(phases);
  json["step_seconds"] = step;
  json["steps_per_epoch"] = epoch_steps;
  json["epoch_seconds"] = step * static_cast<double>(epoch_steps);
  json["peak_memory_mib"] = peak_memory_mib();
  return json;
}

}  // namespace

int bench_command(const Options& options, Output& out) {
  const Experiment experiment =
      load_experiment(options.config, shipped_configs(), options.overrides);
  const auto material =
      MaterialLoader(data_folder(options)).load(expand_trials(experiment).front().experiment);
  const Workbench bench = open_workbench(*material, hardware_from(options, /*in_trial=*/false));
  bench.session->restore(starting_weights(*material), /*updates=*/0);
  bench.session->profile(kWarmUpSteps);
  const PhaseTimes times = bench.session->profile(options.steps);
  const auto phases = phases_of(times);
  const int64_t epoch_steps =
      steps_per_epoch(experiment.config.training, material->dataset->train.size());
  if (options.json)
    out.line(bench_json(bench, phases, times.steps, epoch_steps).dump(2));
  else
    out.write(bench_text(bench, phases, times.steps, epoch_steps));
  return 0;
}

}  // namespace nnrun
