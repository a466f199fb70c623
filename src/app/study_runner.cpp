#include "app/study_runner.h"

#include <algorithm>
#include <iterator>

#include "app/forecast.h"
#include "app/locations.h"
#include "app/open_run.h"
#include "app/trials.h"
#include "nnrun/files.h"
#include "nnrun/format.h"
#include "nnrun/log.h"
#include "nnrun/stop.h"
#include "nnrun/train.h"
#include "study/companies.h"
#include "study/hyperband.h"
#include "study/process_pool.h"
#include "study/scheduler.h"
#include "study/worker_pool.h"

namespace nnrun {

namespace {

/// The program with what all trials of a study share.
CommandLine command_for_trials(const Options& options) {
  return {executable().string(),
          "--data-dir",
          data_folder(options).string(),
          "--device",
          to_text(options.device),
          "--threads",
          std::to_string(options.threads.value_or(1)),
          "--errors",
          options.errors == ErrorFormat::kJson ? "json" : "text",
          "--color",
          to_text(options.color),
          "--quiet"};
}

std::unique_ptr<TaskPool> make_pool(const Options& options) {
  const CommandLine single = command_for_trials(options);
  const int64_t jobs = default_jobs(options);
  if (!runs_as_threads(options)) return std::make_unique<ProcessPool>(single, jobs);
  CommandLine worker = single;
  worker.insert(worker.begin() + 1, "work");
  worker.insert(worker.end(), {"--jobs", std::to_string(jobs)});
  return std::make_unique<WorkerPool>(WorkerPool::Commands{worker, single}, jobs);
}

/// What LibTorch keeps per process, so that trials of one process must share it.
std::string process_setting(const TrainingConfig& training) {
  return std::string(name_of(training.precision)) +
         (training.deterministic ? " deterministic" : "");
}

bool has_failed(const TrialRow& row) { return row.status == "failed"; }

/// A run that should have a value. One that diverged has none, nor has one that its device has no
/// room for.
bool is_missing(const TrialRow& row) { return row.status != "diverged" && !row.has_no_room; }

}  // namespace

StudyRunner::StudyRunner(const Options& options, StudyFolder& study,
                         const std::vector<Trial>& trials,
                         const std::vector<std::string>& data_hashes)
    : options_(options),
      study_(study),
      trials_(trials),
      data_hashes_(data_hashes),
      progress_(study, trials, progress_style(options.quiet)),
      pool_(make_pool(options)) {}

/// "25 trials to go, 2 side by side: about 40.0 s, 250 MiB each", from two timed batches of each,
/// or of as many as a few seconds allow. It is for people, so `--quiet` does without.
void StudyRunner::announce(bool may_end_early) const {
  constexpr double kBudget = 3;            // seconds
  const bool is_new = options_.overwrite;  // whatever the folder still holds
  std::vector<const Trial*> open;
  for (size_t i = 0; i < trials_.size(); ++i)
    if (is_new || !study_.settled(i, data_hashes_[i], std::nullopt)) open.push_back(&trials_[i]);
  const bool is_over = may_end_early && !is_new && study_.done();  // what was stopped is not open
  if (options_.quiet || open.empty() || is_over) return;
  const auto side_by_side = std::min(default_jobs(options_), static_cast<int64_t>(open.size()));
  std::string text = std::to_string(open.size()) + " of " + std::to_string(trials_.size()) +
                     " trials to go, " + std::to_string(side_by_side) + " side by side";
  const auto foreseen =
      forecast(open, data_folder(options_), hardware_from(options_, /*in_trial=*/true), kBudget);
  if (foreseen) {
    const auto processes = runs_as_threads(options_) ? 1.0 : static_cast<double>(open.size());
    const double seconds = foreseen->seconds + foreseen->start_seconds * processes;
    text += std::string(may_end_early ? ": at most " : ": about ") +
            duration(seconds / static_cast<double>(side_by_side)) + ", " +
            grouped(foreseen->memory_mib) + " MiB each";
  }
  log_info(text);
}

void StudyRunner::run(const std::optional<SweepConfig>& sweep) {
  Numbers going;
  int64_t epochs = 0;
  for (const auto& trial : trials_) {
    going.insert(trial.number);
    epochs = std::max(epochs, trial.experiment.config.training.epochs);
  }
  if (sweep && sweep->early_terminate) {
    for (const int64_t rung : rungs(*sweep->early_terminate, epochs)) {
      if (!reach(going, rung)) return;
      const auto best = survivors(values_at(going, rung), going.size(), sweep->early_terminate->eta,
                                  sweep->maximize);
      going = Numbers(best.begin(), best.end());
    }
  }
  train(going, std::nullopt);
}

/// Brings all trials to a rung; one that failed is tried once more. False: not all are there, so
/// that the best are not known.
bool StudyRunner::reach(const Numbers& numbers, int64_t rung) {
  train(numbers, rung);
  const Numbers failed = without_value(numbers, rung, has_failed);
  if (stop_signal() == 0 && !failed.empty()) {
    log_info(counted(std::ssize(failed), "trial") + " failed on the way to " +
             counted(rung, "epoch") + "; once more");
    train(failed, rung);
  }
  return stop_signal() == 0 && without_value(numbers, rung, is_missing).empty();
}

/// Those of the trials with a run that has no value at this rung and that this holds for.
StudyRunner::Numbers StudyRunner::without_value(const Numbers& numbers, int64_t rung,
                                                bool (*holds)(const TrialRow&)) const {
  Numbers found;
  for (size_t i = 0; i < trials_.size(); ++i) {
    const int64_t number = trials_[i].number;
    if (numbers.contains(number) && holds(study_.row(i)) && !value_at(i, rung))
      found.insert(number);
  }
  return found;
}

/// The process of a trial whose checkpoint is damaged says so.
bool StudyRunner::is_open(size_t trial, std::optional<int64_t> epochs) {
  if (!study_.settled(trial, data_hashes_[trial], epochs)) return true;
  if (!sound_.contains(trial) && study_.is_sound(trial)) sound_.insert(trial);
  return !sound_.contains(trial);
}

void StudyRunner::train(const Numbers& numbers, std::optional<int64_t> epochs) {
  std::vector<size_t> open;
  std::vector<Task> tasks;
  std::vector<StudyProgress::Goal> goals;
  for (size_t i = 0; i < trials_.size(); ++i) {
    if (!numbers.contains(trials_[i].number) || !is_open(i, epochs)) continue;
    open.push_back(i);
    tasks.push_back(task(i, epochs));
    goals.push_back({i, tasks.back().stop_after});
  }
  if (open.empty()) return;
  const auto companies = memberships(open);
  for (size_t i = 0; i < tasks.size(); ++i) tasks[i].membership = companies[i];
  study_.keep_up();
  started_ += open.size();
  progress_.begin(goals);
  const auto on_end = [&](size_t task, int code) {
    study_.record(open[task], code, tasks[task].stop_after);
    progress_.end(task);
  };
  const auto on_wait = [&](const std::set<size_t>& running) { progress_.show(running); };
  Scheduler(tasks, *pool_, on_end, on_wait).run();
}

/// Of open trials: those of one number differ in the seed alone. Pictures have no launches that
/// serve several runs.
std::vector<Membership> StudyRunner::memberships(const std::vector<size_t>& open) const {
  if (options_.repeats_as == RepeatsAs::kStreams || !runs_as_threads(options_))
    return std::vector<Membership>(open.size());
  std::vector<std::optional<int64_t>> numbers;
  for (const size_t i : open) {
    const Trial& trial = trials_[i];
    numbers.push_back(is_text(trial.experiment.config.data) ? std::optional(trial.number)
                                                            : std::nullopt);
  }
  const size_t size = std::min(static_cast<size_t>(default_jobs(options_)), kMostTogether);
  return form_companies(numbers, size, /*first=*/started_ + 1);
}

std::map<int64_t, double> StudyRunner::values_at(const Numbers& numbers, int64_t epochs) const {
  std::map<int64_t, std::vector<double>> values;
  Numbers incomplete;
  for (size_t i = 0; i < trials_.size(); ++i) {
    const int64_t number = trials_[i].number;
    if (!numbers.contains(number)) continue;
    if (const auto value = value_at(i, epochs)) {
      values[number].push_back(*value);
    } else {
      incomplete.insert(number);
    }
  }
  std::map<int64_t, double> means;
  for (const auto& [number, of_seeds] : values) {
    if (incomplete.contains(number)) continue;
    double sum = 0;
    for (const double value : of_seeds) sum += value;
    means[number] = sum / static_cast<double>(of_seeds.size());
  }
  return means;
}

/// The goal's metric after `epochs`, whatever became of the trial behind them (another process may
/// have it at the next rung), or at the end of one that stopped early by itself.
std::optional<double> StudyRunner::value_at(size_t trial, int64_t epochs) const {
  const auto file = study_.trial_folder(trial) / "metrics.csv";
  const std::string status = study_.row(trial).status;
  if (!is_there(file)) return std::nullopt;
  const auto records = parse_metrics_csv(read_file(file), file.string());
  const auto rows = std::ssize(records) - (status == "diverged" ? 1 : 0);
  if (rows >= epochs)
    return value_of(records[static_cast<size_t>(epochs - 1)], study_.goal().metric);
  if (status != "done" || rows == 0) return std::nullopt;
  return value_of(records.back(), study_.goal().metric);
}

/// With the trial's own config: the file the user gave may change while trials run.
Task StudyRunner::task(size_t trial, std::optional<int64_t> epochs) const {
  const ExperimentConfig& config = trials_[trial].experiment.config;
  return {study_.trial_folder(trial), resolved_json(config),
          epochs.value_or(config.training.epochs), process_setting(config.training)};
}

}  // namespace nnrun
