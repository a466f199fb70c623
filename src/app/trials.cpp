#include "app/trials.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "app/engine_loader.h"
#include "app/guard.h"
#include "app/in_child.h"
#include "app/locations.h"
#include "app/memory.h"
#include "app/process_facts.h"
#include "app/run_report.h"
#include "app/shared_problems.h"
#include "app/study_folder.h"
#include "app/study_runner.h"
#include "app/workbench.h"
#include "base/cuda_libraries.h"
#include "nnrun/files.h"
#include "nnrun/format.h"
#include "nnrun/log.h"
#include "nnrun/plan.h"
#include "nnrun/stop.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

/// What all trials would fail for: an exit code. LibTorch is loaded, by a process of its own, only
/// where the devices matter.
int check_environment(const std::vector<Trial>& trials, const Options& options) {
  require_torch();
  const bool needs_cuda = std::any_of(trials.begin(), trials.end(), [&](const Trial& trial) {
    return asks_for_cuda(trial.experiment, options.device);
  });
  if (!needs_cuda) return 0;
  const auto check = [&] {
    for (const auto& trial : trials) check_hardware(trial.experiment, options.device);
    return 0;
  };
  // Without an answer the trials themselves will say what is wrong.
  return in_child([&] { return guarded_code(check, options.errors); }).value_or(0);
}

/// What refuses a trial must do so before the study takes over a raised number of epochs. Returns
/// an exit code.
int check_before_growing(const RunFolder& folder, const RunRequest& request, const Trial& trial,
                         const Options& options) {
  const auto material = request.loader->load(request.experiment);
  folder.check_inputs(InputFacts().of(*material));
  return check_environment({trial}, options);
}

/// Names the trials that failed, diverged, were stopped by a signal of their own, or are not there
/// any more; false: none.
bool warn_of_failures(const std::vector<TrialRow>& rows, const fs::path& folder) {
  constexpr int64_t kMostNames = 5;
  std::string names;
  int64_t count = 0;
  bool may_go_on = false;
  for (const TrialRow& row : rows) {
    const std::string status = row.status.empty() ? "missing" : row.status;
    const bool lags = status == "failed" || status == "diverged" || status == "missing";
    if (!lags && !row.cut_short) continue;
    may_go_on = may_go_on || row.status != "diverged";
    if (++count <= kMostNames)
      names += (names.empty() ? "" : ", ") + row.trial->folder + " (" + status + ")";
  }
  if (count == 0) return false;
  if (count > kMostNames) names += " and " + std::to_string(count - kMostNames) + " more";
  log_warning(folder.string() + ": " + std::to_string(count) + " of " +
              std::to_string(rows.size()) + " trials did not get to their end: " + names +
              (may_go_on ? "; the same command goes on" : ""));
  return true;
}

/// Warns where the trials side by side may need more memory than there is.
void check_memory(int64_t largest_mib, int64_t side_by_side) {
  const int64_t available = available_memory_mib();
  if (available == 0 || largest_mib * side_by_side <= available) return;
  log_warning(std::to_string(side_by_side) + " trials side by side may need " +
              grouped(largest_mib * side_by_side) + " MiB of memory, " + grouped(available) +
              " are free; --jobs " + std::to_string(std::max<int64_t>(1, available / largest_mib)) +
              " is on the safe side");
}

/// After an error that ended a study or one of its trials, or refused it. Best effort: that error
/// matters more than one of these writes.
void note_failure(const StudyFolder& study, StudyFolder::Moment moment) {
  try {
    study.abandon();
    if (study.was_made() && inspect(study.folder()) == RunState::kParent) study.update(moment);
  } catch (const LostFolderError&) {  // which the user is told of as it is
    return;
  } catch (const Error& second) {
    log_warning(study.folder().string() + ": its files are out of date: " + second.what());
  }
}

/// "2 of 4 trials are done, 1 diverged; training again does what is missing"
std::string open_text(const std::vector<TrialRow>& rows) {
  std::string text = std::to_string(count_status(rows, "done")) + " of " +
                     std::to_string(rows.size()) + " trials are done";
  int64_t left = std::ssize(rows) - count_status(rows, "done");
  for (const char* status : {"running", "diverged"}) {
    const int64_t count = count_status(rows, status);
    if (count > 0) text += ", " + std::to_string(count) + " " + status;
    left -= count;
  }
  if (left > 0) text += "; training again does what is missing";
  return text;
}

/// An experiment without a sweep and repeats: its one trial is the run, and there is no table.
int collect_single(const Options& options, const fs::path& folder, Output& out) {
  if (inspect(folder) != RunState::kRun) refuse_folder(folder, "no run directory");
  const RunDirectory run(folder);
  if (!run.is_finished()) {
    log_warning(folder.string() + ": not done; the same again goes on");
    return static_cast<int>(ExitCode::kTrialsFailed);
  }
  const auto summary = run.summary();
  if (options.json && summary) out.write(to_json(*summary));
  return 0;
}

}  // namespace

bool runs_as_threads(const Options& options) {
  if (options.jobs_as != JobsAs::kAuto) return options.jobs_as == JobsAs::kThreads;
  return options.device.kind != DeviceOption::Kind::kCpu && has_cuda_driver();
}

int64_t default_jobs(const Options& options) {
  constexpr int kStreams = 4;           // each has a thread of the CPU that waits for it
  constexpr int64_t kMostStreams = 32;  // that LibTorch keeps for a GPU
  const int cores = available_cores();
  const bool threads = runs_as_threads(options);
  const int64_t jobs = options.jobs.value_or(threads ? std::min(kStreams, cores) : cores);
  return threads ? std::min(jobs, kMostStreams) : jobs;
}

void check_shapes(const std::vector<Trial>& trials) {
  SharedProblems problems;
  std::set<std::string> missing_weights;  // which another run may still have to make
  for (const auto& trial : trials) {
    const InputSpec input = input_from_config(trial.experiment.config.data);
    if (input.classes > 0) problems.collect([&] { plan_experiment(trial.experiment, input); });
    const std::string& init_from = trial.experiment.config.model.init_from;
    if (!init_from.empty() && !is_there(init_from))
      missing_weights.insert(init_from);
    else
      problems.collect([&] { check_init_from(trial.experiment); });
  }
  problems.throw_if_any();
  for (const std::string& file : missing_weights) log_warning(file + ": no such file");
}

std::vector<std::string> check_trials(const std::vector<Trial>& trials, const fs::path& data_dir,
                                      const OnTrial& on_trial) {
  MaterialLoader loader(data_dir);
  InputFacts facts;
  SharedProblems problems;
  std::vector<std::string> hashes;
  for (size_t i = 0; i < trials.size(); ++i) {
    const Experiment& experiment = trials[i].experiment;
    std::unique_ptr<const Material> material;
    problems.collect([&] {
      material = loader.load(experiment);
      hashes.push_back(material->dataset->hash);
      on_trial(i, *material, facts.of(*material));
    });
    problems.collect([&] { check_init_from(experiment, material ? &material->plan : nullptr); });
  }
  problems.throw_if_any();
  return hashes;
}

int run_trials(const Options& options, const Experiment& experiment,
               const std::vector<Trial>& trials, Output& out) {
  const fs::path folder = output_folder(options, experiment.config.name);
  StudyFolder study({folder, options.resume, options.overwrite}, experiment, trials);
  const int no_device = check_environment(trials, options);  // told, beside what follows
  int64_t largest_mib = 0;
  const auto data_hashes = check_trials(
      trials, data_folder(options), [&](size_t i, const Material& trial, const Inputs& inputs) {
        largest_mib = std::max(largest_mib, predicted_memory_mib(trial));
        study.check_inputs(i, inputs);
      });
  if (no_device != 0) return no_device;
  check_memory(largest_mib, std::min(default_jobs(options), static_cast<int64_t>(trials.size())));
  StudyRunner runner(options, study, trials, data_hashes);
  const auto& sweep = experiment.config.sweep;
  runner.announce(/*may_end_early=*/sweep && sweep->early_terminate);
  try {
    study.make();
    defer_stop_signals();
    runner.run(sweep);
  } catch (const Error&) {
    note_failure(study, StudyFolder::Moment::kStopped);
    throw;
  }

  if (stop_signal() != 0) {
    const bool was_over = runner.nothing_to_do() && study.done();
    if (!was_over) study.update(StudyFolder::Moment::kStopped);
    if (!options.quiet)
      log_info(folder.string() + ": stopped by signal " + std::to_string(stop_signal()) +
               "; the same command goes on");
    return 128 + stop_signal();
  }
  const std::string summary = study.update(StudyFolder::Moment::kEnd);
  study.check_common_inputs();
  if (warn_of_failures(study.rows(), folder)) return static_cast<int>(ExitCode::kTrialsFailed);
  if (options.json) {
    out.write(summary);
  } else if (!options.quiet) {
    out.write(study_text(folder, experiment.config, trials.size(), runner.nothing_to_do()));
  }
  return 0;
}

int run_one_trial(const Options& options, const Experiment& experiment,
                  const std::vector<Trial>& trials, Output& out) {
  const auto number = static_cast<size_t>(*options.trial);
  const Trial& trial = trials[number];
  if (!has_trials(experiment.config))
    return run_and_report(options, single_run(options, trial), out);
  const fs::path parent = output_folder(options, experiment.config.name);
  RunRequest request;
  request.experiment = trial.experiment;
  request.folder = {parent / trial.folder, options.resume, options.overwrite};
  request.data_dir = data_folder(options);
  request.hardware = hardware_from(options, /*in_trial=*/true);
  request.label = trial.folder;
  request.quiet = options.quiet;
  request.loader = std::make_shared<MaterialLoader>(request.data_dir);

  StudyFolder study({parent, Resume::kAuto, /*overwrite=*/false}, experiment, trials);
  // Refuses before anything is touched.
  const RunFolder as_found(request.folder, request.experiment.config, /*locked=*/false);
  if (study.grows()) {
    if (const int code = check_before_growing(as_found, request, trial, options); code != 0)
      return code;
  }
  int code = 0;
  try {
    study.make();
    if (options.overwrite || study.row(number).status != "done") study.keep_up();
    code = run_and_report(options, request, out);
    study.update(StudyFolder::Moment::kAfterOne);
  } catch (const DivergedError&) {
    note_failure(study, StudyFolder::Moment::kAfterOne);
    throw;
  } catch (const Error&) {
    note_failure(study, StudyFolder::Moment::kEnd);
    throw;
  }
  if (code == 0) study.check_common_inputs();
  return code;
}

int collect_trials(const Options& options, const Experiment& experiment,
                   const std::vector<Trial>& trials, Output& out) {
  const fs::path folder = output_folder(options, experiment.config.name);
  if (!has_trials(experiment.config)) return collect_single(options, folder, out);
  if (inspect(folder) != RunState::kParent)
    refuse_folder(folder, "holds no trials (expected those of a sweep or of repeats)");
  StudyFolder study({folder, Resume::kAuto, /*overwrite=*/false}, experiment, trials);
  study.record_dead();
  const std::string summary = study.update(StudyFolder::Moment::kEnd);
  study.check_common_inputs();
  const auto rows = study.rows();
  if (count_status(rows, "done") < std::ssize(rows)) {
    log_warning(folder.string() + ": " + open_text(rows));
    return static_cast<int>(ExitCode::kTrialsFailed);
  }
  if (options.json) {
    out.write(summary);
  } else if (!options.quiet) {
    out.write(study_text(folder, experiment.config, trials.size(), /*nothing_to_do=*/false));
  }
  return 0;
}

}  // namespace nnrun
