#include "app/dry_run.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/facts.h"
#include "app/locations.h"
#include "app/process_facts.h"
#include "app/run_folder.h"
#include "app/trials.h"
#include "app/workbench.h"
#include "nnrun/format.h"
#include "report/text_table.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kTimedSteps = 2;

struct Prediction {
  int64_t parameters = 0, steps = 0;  ///< steps of an epoch
  double step_seconds = 0, seconds = 0;
};

/// Training steps as timed, validation passes at the forward pass's share of them.
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
  const int64_t batches = data.split(data.validation_split()).size() / training.batch_size + 1;
  const double epoch = static_cast<double>(prediction.steps) * prediction.step_seconds +
                       static_cast<double>(batches) * times.forward / timed;
  prediction.seconds = epoch * static_cast<double>(training.epochs);
  return prediction;
}

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

}  // namespace

int dry_run(const Options& options, const Experiment& experiment, const std::vector<Trial>& trials,
            Output& out) {
  examine_folder(
      {output_folder(options, experiment.config.name), options.resume, options.overwrite});
  check_trials(trials, data_folder(options));
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
  if (options.json)
    out.line(prediction_json(trials, predictions, total).dump(2));
  else
    out.write(prediction_text(trials, predictions, total));
  return 0;
}

}  // namespace nnrun
