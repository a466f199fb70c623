#include "app/trials.h"

#include <algorithm>
#include <set>

#include "app/engine_loader.h"
#include "app/locations.h"
#include "app/process_facts.h"
#include "app/run_report.h"
#include "app/study_folder.h"
#include "app/study_runner.h"
#include "app/workbench.h"
#include "nnrun/stop.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

/// Collects the problems of many trials; what several of them share is kept once.
class SharedProblems {
 public:
  void add(const Error& error) {
    if (problems_.empty()) code_ = error.code();
    for (const auto& problem : error.problems())
      if (seen_.insert(to_text(problem)).second) problems_.push_back(problem);
  }
  void throw_if_any() const {
    if (!problems_.empty()) throw Error(code_, problems_);
  }

 private:
  ExitCode code_ = ExitCode::kDone;
  std::vector<Problem> problems_;
  std::set<std::string> seen_;
};

/// What the trials' processes would all fail for. LibTorch is loaded only where the devices matter.
void check_environment(const std::vector<Trial>& trials, const DeviceOption& device) {
  require_torch();
  const bool needs_cuda = std::any_of(trials.begin(), trials.end(), [](const Trial& trial) {
    return trial.experiment.config.training.precision != Precision::kFloat32;
  });
  if (device.kind != DeviceOption::Kind::kCuda && !needs_cuda) return;
  for (const auto& trial : trials) check_hardware(trial.experiment, device);
}

}  // namespace

int64_t default_jobs(const Options& options) {
  const bool on_gpu = options.device.kind != DeviceOption::Kind::kCpu && has_cuda_driver();
  return options.jobs.value_or(on_gpu ? 1 : available_cores());
}

std::vector<std::string> check_trials(const std::vector<Trial>& trials, const fs::path& data_dir) {
  MaterialLoader loader(data_dir);
  SharedProblems problems;
  std::vector<std::string> hashes;
  for (const auto& trial : trials) {
    try {
      hashes.push_back(loader.load(trial.experiment)->dataset->hash);
    } catch (const Error& error) {
      problems.add(error);
    }
  }
  problems.throw_if_any();
  return hashes;
}

int run_trials(const Options& options, const Experiment& experiment,
               const std::vector<Trial>& trials, Output& out) {
  const fs::path folder = output_folder(options, experiment.config.name);
  StudyFolder study({folder, options.resume, options.overwrite}, experiment, trials);
  check_environment(trials, options.device);
  const auto data_hashes = check_trials(trials, data_folder(options));
  study.make();
  StudyRunner runner(options, study, trials, data_hashes);
  runner.run(experiment.config.sweep);

  const bool stopped = stop_signal() != 0;
  const std::string summary =
      study.close(stopped ? StudyFolder::Ending::kStopped : StudyFolder::Ending::kFinished);
  if (stopped) return 128 + stop_signal();
  const auto rows = study.rows();
  if (count_status(rows, "failed") + count_status(rows, "diverged") > 0) {
    return static_cast<int>(ExitCode::kTrialsFailed);
  }
  if (options.json) {
    out.write(summary);
  } else if (!options.quiet) {
    out.write(study_text(folder, trials.size(), runner.nothing_to_do()));
  }
  return 0;
}

int run_one_trial(const Options& options, const Experiment& experiment,
                  const std::vector<Trial>& trials, Output& out) {
  const Trial& trial = trials[static_cast<size_t>(*options.trial)];
  const fs::path parent = output_folder(options, experiment.config.name);
  if (has_trials(experiment.config)) {
    StudyFolder({parent, Resume::kAuto, /*overwrite=*/false}, experiment, trials).make();
  }
  RunRequest request;
  request.experiment = trial.experiment;
  request.folder = {parent / trial.folder, options.resume, options.overwrite};
  request.data_dir = data_folder(options);
  request.hardware = hardware_from(options, /*in_trial=*/true);
  request.label = trial.folder;
  request.quiet = options.quiet;
  return run_and_report(options, request, out);
}

}  // namespace nnrun
