#include "app/rerun.h"

#include <utility>

#include "app/experiment.h"
#include "app/open_run.h"
#include "nnrun/format.h"
#include "nnrun/train.h"

namespace nnrun {
namespace {

Hardware recorded_hardware(const Options& options, const Manifest& manifest) {
  Hardware hardware{options.device, static_cast<int>(options.threads.value_or(manifest.threads))};
  const bool on_cpu = manifest.device == "cpu";
  if (options.device.kind == DeviceOption::Kind::kAuto)
    hardware.device.kind = on_cpu ? DeviceOption::Kind::kCpu : DeviceOption::Kind::kCuda;
  return hardware;
}

struct Retraining {
  LoopState state;
  Tensors tensors;
  std::optional<EpochRecord> test;  ///< of a run that comes to its end
};

/// Trains from scratch to the end, or until `stop_after` rows stand.
Retraining retrain(const Material& material, const Hardware& hardware,
                   std::optional<int64_t> stop_after) {
  const Workbench bench = open_workbench(material, hardware);
  bench.session->restore(starting_weights(material), /*updates=*/0);
  Retraining run;
  LoopEvents events;
  events.on_epoch = [](const LoopState&) {};
  events.pause_after = stop_after;
  events.on_checkpoint = [&run](const LoopState&, Saving saving) {
    run.tensors = std::move(saving.state);
    return 0.0;
  };
  const Outcome outcome =
      fit(*bench.session, session_request(material, bench.device), run.state, "", events);
  if (outcome == Outcome::kDone && has_test_of_its_own(*material.dataset))
    run.test = evaluate_test(*bench.session, std::ssize(run.state.rows));
  return run;
}

std::string test_text(const std::optional<EpochRecord>& test) {
  return test ? shortest(test->val_accuracy) + " " + shortest(test->val_loss) : "";
}

Problem difference(const std::filesystem::path& file, const std::string& message) {
  Problem problem;
  problem.file = file.string();
  problem.message = message;
  return problem;
}

}  // namespace

std::vector<Problem> rerun_and_compare(const Options& options,
                                       const std::filesystem::path& folder) {
  const RunDirectory directory = find_run(folder.string());
  const auto then = directory.checkpoint("last.nnr");
  if (!then)
    throw StoreError(std::vector<Problem>{
        difference(directory.file("last.nnr"), "not there: nothing to compare with")});
  const Manifest manifest = directory.manifest();
  const auto material =
      MaterialLoader(run_data_folder(options, manifest)).load(stored_experiment(directory));
  check_inputs(manifest, folder, InputFacts().of(*material));
  const auto rows = static_cast<int64_t>(then->rows.size());
  const auto stop_after = directory.done() ? std::nullopt : std::optional(rows);
  const Retraining now = retrain(*material, recorded_hardware(options, manifest), stop_after);

  const std::string why =
      then->exact ? "" : " (its threads, device or versions changed on the way)";
  std::vector<Problem> problems;
  const auto differ = [&](const char* file, const std::string& what) {
    problems.push_back(difference(directory.file(file), "training again gives " + what + why));
  };
  if (metrics_csv(now.state.rows) != metrics_csv(then->rows)) differ("metrics.csv", "other rows");
  if (weights_sha256(now.tensors) != weights_sha256(then->tensors))
    differ("last.nnr", "other weights");
  const auto summary = directory.summary();
  if (directory.done() && summary && test_text(now.test) != test_text(summary->test))
    differ("summary.json", "another test result");
  return problems;
}

}  // namespace nnrun
