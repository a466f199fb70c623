#include "app/dry_run.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/forecast.h"
#include "app/locations.h"
#include "app/memory.h"
#include "app/process_facts.h"
#include "app/run_folder.h"
#include "app/study_folder.h"
#include "app/trials.h"
#include "app/workbench.h"
#include "nnrun/format.h"
#include "report/text_table.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

std::string label_of(const Trial& trial) {
  return trial.folder.empty() ? trial.experiment.config.name : trial.folder;
}

std::string prediction_text(const std::vector<Trial>& trials,
                            const std::vector<Prediction>& predictions, double total) {
  std::vector<std::vector<std::string>> rows{
      {"run", "parameters", "steps per epoch", "ms per step", "time"}};
  for (size_t i = 0; i < trials.size(); ++i) {
    char milliseconds[32];
    std::snprintf(milliseconds, sizeof milliseconds, "%.2f", predictions[i].step_seconds * 1e3);
    rows.push_back({label_of(trials[i]), grouped(predictions[i].parameters),
                    grouped(predictions[i].steps), milliseconds, duration(predictions[i].seconds)});
  }
  return aligned(rows) + "predicted time: " + duration(total) +
         "\npeak memory of a process: " + grouped(peak_memory_mib()) +
         " MiB\neverything fits; nothing was written\n";
}

Json prediction_json(const std::vector<Trial>& trials, const std::vector<Prediction>& predictions,
                     double total) {
  Json runs = Json::array();
  for (size_t i = 0; i < trials.size(); ++i)
    runs.push_back({{"run", label_of(trials[i])},
                    {"parameters", predictions[i].parameters},
                    {"steps_per_epoch", predictions[i].steps},
                    {"step_seconds", predictions[i].step_seconds},
                    {"seconds", predictions[i].seconds}});
  return {{"runs", runs}, {"seconds", total}, {"peak_memory_mib", peak_memory_mib()}};
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

/// Refuses what the runs themselves would refuse.
void check_target(const Options& options, const Experiment& experiment,
                  const std::vector<Trial>& trials) {
  const FolderRequest request{output_folder(options, experiment.config.name), options.resume,
                              options.overwrite};
  if (has_trials(experiment.config)) {
    const StudyFolder study(request, experiment, trials);
    study.check_data(check_trials(trials, data_folder(options)));
    return;
  }
  const RunFolder folder(request, experiment.config, /*locked=*/false);
  folder.check_data(/*files=*/{}, check_trials(trials, data_folder(options)).front());
  folder.checkpoint();  // tells a damaged one
}

}  // namespace

int dry_run(const Options& options, const Experiment& experiment, const std::vector<Trial>& trials,
            Output& out) {
  check_target(options, experiment, trials);
  const bool many = has_trials(experiment.config);
  MaterialLoader loader(data_folder(options));
  std::vector<Prediction> predictions;
  double total = 0;
  for (const auto& trial : trials) {
    predictions.push_back(predict(*loader.load(trial.experiment), hardware_from(options, many)));
    total += predictions.back().seconds;
  }
  const int64_t side_by_side = std::min(default_jobs(options), static_cast<int64_t>(trials.size()));
  if (many) total /= static_cast<double>(side_by_side);
  check_memory(many ? side_by_side : 1);
  if (options.json)
    out.json(prediction_json(trials, predictions, total));
  else
    out.write(prediction_text(trials, predictions, total));
  return 0;
}

}  // namespace nnrun
