#include "app/dry_run.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/forecast.h"
#include "app/locations.h"
#include "app/memory.h"
#include "app/process_facts.h"
#include "app/run_folder.h"
#include "app/shared_problems.h"
#include "app/study_folder.h"
#include "app/trials.h"
#include "app/workbench.h"
#include "nnrun/files.h"
#include "nnrun/format.h"
#include "report/text_table.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

std::string label_of(const Trial& trial) {
  return trial.folder.empty() ? trial.experiment.config.name : trial.folder;
}

struct Forecasts {
  const std::vector<Trial>& trials;
  std::vector<Prediction> of_trials = {};
  double total = 0;            ///< seconds
  bool may_end_early = false;  ///< trials may be stopped before their last epoch
};

std::string prediction_text(const Forecasts& all) {
  std::vector<std::vector<std::string>> rows{
      {"run", "parameters", "steps per epoch", "ms per step", "time"}};
  for (size_t i = 0; i < all.trials.size(); ++i) {
    const Prediction& one = all.of_trials[i];
    char milliseconds[32];
    std::snprintf(milliseconds, sizeof milliseconds, "%.2f", one.step_seconds * 1e3);
    rows.push_back({label_of(all.trials[i]), grouped(one.parameters), grouped(one.steps),
                    milliseconds, duration(one.seconds)});
  }
  return aligned(rows) + "predicted time: " + (all.may_end_early ? "at most " : "") +
         duration(all.total) + "\npeak memory of a process: " + grouped(peak_memory_mib()) +
         " MiB\neverything fits; nothing was written\n";
}

Json prediction_json(const Forecasts& all) {
  Json runs = Json::array();
  for (size_t i = 0; i < all.trials.size(); ++i)
    runs.push_back({{"run", label_of(all.trials[i])},
                    {"parameters", all.of_trials[i].parameters},
                    {"steps_per_epoch", all.of_trials[i].steps},
                    {"step_seconds", all.of_trials[i].step_seconds},
                    {"seconds", all.of_trials[i].seconds}});
  return {{"runs", runs}, {"seconds", all.total}, {"peak_memory_mib", peak_memory_mib()}};
}

/// Trials side by side must fit in what is free now, with this process's share given back.
void check_memory(int64_t side_by_side) {
  const int64_t wanted = side_by_side * peak_memory_mib(), available = available_memory_mib();
  if (available == 0 || wanted <= available + peak_memory_mib()) return;
  Problem problem;
  problem.option = "--jobs " + std::to_string(side_by_side);
  problem.message = "not enough memory (expected " + grouped(wanted) + " MiB for the trials side " +
                    "by side, got " + grouped(available) + " MiB)";
  throw DeviceError(std::vector<Problem>{problem});
}

void check_run(const FolderRequest& request, const Trial& trial, const Inputs& inputs) {
  const RunFolder folder(request, trial.experiment.config, /*locked=*/false);
  folder.check_inputs(inputs);
  folder.checkpoint();  // tells a damaged one
}

void check_study(const Options& options, const Experiment& experiment,
                 const std::vector<Trial>& trials) {
  const bool one = options.trial.has_value();  // --resume and --overwrite are then about its folder
  const auto request = [&](const fs::path& folder, bool is_meant) {
    return is_meant ? FolderRequest{folder, options.resume, options.overwrite}
                    : FolderRequest{folder};
  };
  const StudyFolder study(request(output_folder(options, experiment.config.name), !one), experiment,
                          trials);
  const bool begins_anew = options.overwrite && !one;
  check_trials(trials, data_folder(options), [&](size_t i, const Material&, const Inputs& inputs) {
    if (!begins_anew) check_run(request(study.trial_folder(i), one), trials[i], inputs);
  });
}

/// Refuses what the runs themselves would refuse.
void check_target(const Options& options, const Experiment& experiment,
                  const std::vector<Trial>& trials) {
  const fs::path folder = output_folder(options, experiment.config.name);
  check_writable(folder);
  if (has_trials(experiment.config)) return check_study(options, experiment, trials);
  const FolderRequest request{folder, options.resume, options.overwrite};
  check_trials(trials, data_folder(options), [&](size_t, const Material&, const Inputs& inputs) {
    check_run(request, trials.front(), inputs);
  });
}

/// The end of the last trial when each starts, in their order, where the first of so many is over.
double end_of_last(const std::vector<Prediction>& predictions, int64_t side_by_side) {
  std::vector<double> ends(static_cast<size_t>(side_by_side), 0.0);
  for (const Prediction& prediction : predictions)
    *std::ranges::min_element(ends) += prediction.seconds;
  return std::ranges::max(ends);
}

}  // namespace

int dry_run(const Options& options, const Experiment& experiment, const std::vector<Trial>& trials,
            Output& out) {
  SharedProblems problems;
  problems.collect([&] { check_target(options, experiment, trials); });
  for (const auto& trial : trials) {
    if (asks_for_cuda(trial.experiment, options.device))
      problems.collect([&] { check_hardware(trial.experiment, options.device); });
  }
  problems.throw_if_any();
  const bool many = has_trials(experiment.config);
  const int64_t side_by_side =
      many ? std::min(default_jobs(options), static_cast<int64_t>(trials.size())) : 1;
  MaterialLoader loader(data_folder(options));
  Forecasts all{trials};
  for (const auto& trial : trials)
    all.of_trials.push_back(predict(*loader.load(trial.experiment), hardware_from(options, many)));
  all.total = end_of_last(all.of_trials, side_by_side);
  all.may_end_early = many && experiment.config.sweep && experiment.config.sweep->early_terminate;
  check_memory(side_by_side);
  if (options.json)
    out.json(prediction_json(all));
  else
    out.write(prediction_text(all));
  return 0;
}

}  // namespace nnrun
