#include "app/study_folder.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include "app/shared_problems.h"
#include "config/resolved.h"
#include "nnrun/files.h"
#include "nnrun/stop.h"
#include "store/checkpoint.h"
#include "store/own_files.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

/// The parent's lock is held while it is made only; another process may be making it right now.
std::unique_ptr<RunLock> lock_for_making(const fs::path& folder) {
  constexpr int kAttempts = 1500;  // half a minute: hundreds may start at once on a shared folder
  constexpr std::chrono::milliseconds kPause{20};
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (auto lock = RunLock::try_acquire(folder)) return lock;
    std::this_thread::sleep_for(kPause);
  }
  return RunLock::acquire(folder);
}

/// The folders on the way to `folder`, itself included, that are not there yet; innermost first.
std::vector<fs::path> missing_folders(const fs::path& folder) {
  std::vector<fs::path> missing;
  std::error_code ignored;
  for (fs::path path = fs::absolute(folder).lexically_normal(); !fs::exists(path, ignored);
       path = path.parent_path())
    missing.push_back(path);
  return missing;
}

/// Of a run's manifest; nullopt: no run, or one whose own process will say what is wrong.
std::optional<std::string> data_hash_of(const fs::path& folder) {
  try {
    if (inspect(folder) == RunState::kRun) return RunDirectory(folder).manifest().data_hash;
  } catch (const StoreError&) {
    return std::nullopt;
  }
  return std::nullopt;
}

/// It saved, by a signal or where it was told to.
bool was_stopped(int code) { return code > 128 && code != 128 + SIGKILL; }

/// Of a process that a signal asked to save and leave.
bool is_stop_code(int code) {
  constexpr int kSignals[] = {SIGINT, SIGTERM, SIGUSR1, SIGHUP};
  return std::ranges::any_of(kSignals, [code](int signal) { return code == 128 + signal; });
}

}  // namespace

StudyFolder::StudyFolder(FolderRequest request, const Experiment& experiment,
                         const std::vector<Trial>& trials)
    : request_(std::move(request)),
      directory_(request_.folder),
      resolved_(resolved_json(experiment)),
      trials_(trials) {
  if (const auto& sweep = experiment.config.sweep) {
    goal_ = {sweep->metric, sweep->maximize};
    ends_early_ = sweep->early_terminate.has_value();
  }
  const RunState state = examine_folder(request_);
  if (request_.overwrite) return;
  if (state == RunState::kRun) {
    check_same_config(directory_.config_json(), resolved_, request_.folder, /*may_grow=*/{});
    refuse_folder(request_.folder,
                  "holds a single run (expected the trials of a sweep, or nothing)");
  }
  if (state != RunState::kParent) return;
  grows_ =
      check_same_config(directory_.config_json(), resolved_, request_.folder, growing_pointers());
  if (grows_) check_growing_trials();
}

/// Repeats, and epochs unless the schedule of a trial depends on them.
std::vector<std::string> StudyFolder::growing_pointers() const {
  std::vector<std::string> pointers{"/repeats"};
  const bool longer = std::ranges::all_of(
      trials_, [](const Trial& trial) { return may_train_longer(trial.experiment.config); });
  if (longer) pointers.emplace_back(kEpochsPointer);
  return pointers;
}

/// A trial that refuses to grow would leave the study between two configs.
void StudyFolder::check_growing_trials() const {
  SharedProblems problems;
  for (size_t i = 0; i < trials_.size(); ++i) {
    problems.collect([&] {
      const RunFolder run({trial_folder(i), Resume::kAuto, /*overwrite=*/false},
                          trials_[i].experiment.config, /*locked=*/false);
    });
  }
  problems.throw_if_any();
}

void StudyFolder::check_data(const std::vector<std::string>& data_hashes) const {
  if (request_.overwrite) return;
  std::vector<Problem> problems;
  for (size_t i = 0; i < trials_.size(); ++i) {
    const auto then = data_hash_of(trial_folder(i));
    if (!then || *then == data_hashes[i]) continue;
    Problem problem;
    problem.file = trial_folder(i).string();
    problem.message = "the trial was made with other data (got hash " + data_hashes[i] +
                      ", expected " + *then + ")";
    problems.push_back(problem);
  }
  if (!problems.empty()) throw StoreError(problems);
}

bool StudyFolder::is_made() const {
  return inspect(request_.folder) == RunState::kParent &&
         is_there(directory_.file("summary.json")) && directory_.config_json() == resolved_;
}

void StudyFolder::make() {
  if (!request_.overwrite && is_made()) return;
  const auto missing = missing_folders(request_.folder);
  const auto lock = lock_for_making(request_.folder);
  if (request_.overwrite) directory_.clear();
  if (is_made()) return;  // by another process, meanwhile
  is_fresh_ = inspect(request_.folder) == RunState::kEmpty;
  if (is_fresh_) made_ = missing;
  // In this order: what a kill leaves never says that it fits.
  directory_.remove_done();
  remove_file(directory_.file("summary.json"), Sync::kDurable);
  replace_file(directory_.file("config.json"), resolved_, Sync::kDurable);
  write(rows(), "running");
  remove_file(directory_.file("manifest.json"), Sync::kDurable);  // of a run that was overwritten
}

void StudyFolder::abandon() const {
  if (!is_fresh_) return;
  try {
    const auto lock = RunLock::try_acquire(request_.folder);
    if (!lock || !trial_folders(request_.folder).empty()) return;
    directory_.clear();
  } catch (const Error&) {  // what cannot be removed stays
    return;
  }
  for (const fs::path& folder : made_) ::rmdir(folder.c_str());
}

void StudyFolder::open() const {
  const auto lock = lock_for_making(request_.folder);
  directory_.remove_done();
  write(rows(), "running");
}

bool StudyFolder::settled(size_t trial, const std::string& data_hash,
                          std::optional<int64_t> epochs) const {
  const RunDirectory run(trial_folder(trial));
  const ExperimentConfig& config = trials_[trial].experiment.config;
  const std::string& weights = config.model.init_from;
  if (inspect(run.folder()) != RunState::kRun) return false;
  try {
    if (run.config_json() != resolved_json(config)) return false;
    const auto summary = run.summary();
    const Manifest manifest = run.manifest();
    if (!summary || manifest.data_hash != data_hash) return false;
    if (!weights.empty() && !used_file(manifest, weights)) return false;
    const bool far_enough = epochs && summary->status == "stopped" && summary->epochs >= *epochs;
    return run.is_finished() || summary->status == "diverged" || far_enough;
  } catch (const StoreError&) {
    return false;  // the trial's own process says what is wrong
  }
}

bool StudyFolder::is_sound(size_t trial) const {
  const fs::path last = trial_folder(trial) / kLastCheckpoint;
  try {
    if (is_there(last)) check_checkpoint(read_file(last), last.string());
    return true;
  } catch (const Error&) {
    return false;  // as above
  }
}

TrialRow StudyFolder::row(size_t trial) const {
  TrialRow row{&trials_[trial], "", std::nullopt};
  try {
    row.summary = RunDirectory(trial_folder(trial)).summary();
    if (row.summary) row.status = row.summary->status;
  } catch (const StoreError&) {
    row.status = "failed";
  }
  if (failed_.contains(trial)) row.status = "failed";
  row.cut_short = cut_short_.contains(trial);
  return row;
}

std::vector<TrialRow> StudyFolder::rows() const {
  std::vector<TrialRow> rows;
  for (size_t i = 0; i < trials_.size(); ++i) rows.push_back(row(i));
  return rows;
}

std::string StudyFolder::write_table(const std::vector<TrialRow>& rows) const {
  auto table = rows;
  std::erase_if(table, [](const TrialRow& row) { return row.status.empty(); });
  const std::string text = sweep_csv(trials_.front(), table);
  replace_file(directory_.file("sweep.csv"), text, Sync::kNone);
  return text;
}

/// Table, then the summary, which holds the table's hash; the summary's text.
std::string StudyFolder::write(const std::vector<TrialRow>& rows, const char* status) const {
  const std::string table = write_table(rows);
  sync_file(directory_.file("sweep.csv"));
  const std::string text = study_summary(rows, goal_, status, {resolved_, table});
  replace_file(directory_.file("summary.json"), text, Sync::kDurable);
  return text;
}

void StudyFolder::record(size_t trial, int exit_code, int64_t epochs) {
  failed_.erase(trial);
  cut_short_.erase(trial);
  const TrialRow now = row(trial);
  const bool arrived = now.summary && now.summary->epochs >= epochs;
  const bool failed = was_stopped(exit_code)
                          ? !arrived && stop_signal() == 0
                          : exit_code != 0 && exit_code != static_cast<int>(ExitCode::kDiverged);
  const bool saved = is_stop_code(exit_code) && now.status == "stopped";
  if (failed) (saved ? cut_short_ : failed_).insert(trial);
  write_table(rows());
}

/// Every trial ended well.
bool StudyFolder::is_complete(const std::vector<TrialRow>& rows) const {
  if (!cut_short_.empty()) return false;
  const int64_t ended =
      count_status(rows, "done") + (ends_early_ ? count_status(rows, "stopped") : 0);
  return ended == static_cast<int64_t>(rows.size());
}

void StudyFolder::record_dead() {
  for (size_t i = 0; i < trials_.size(); ++i) {
    const bool runs = row(i).status == "running";
    if (runs && RunLock::try_acquire(trial_folder(i))) failed_.insert(i);
  }
}

std::string StudyFolder::close(Ending ending) const {
  const auto all = rows();
  const bool complete = ending == Ending::kFinished && is_complete(all);
  const bool failed = count_status(all, "failed") + count_status(all, "diverged") > 0;
  const bool stopped = ending == Ending::kStopped || !failed;
  const std::string text = write(all, complete ? "done" : stopped ? "stopped" : "failed");
  const bool extended = directory_.config_json() != resolved_;  // by another process, meanwhile
  if (complete && !extended && !directory_.done()) directory_.write_done();
  return text;
}

void StudyFolder::update() const {
  const auto lock = lock_for_making(request_.folder);
  if (!is_there(directory_.file("config.json")))  // abandoned by another process, meanwhile
    replace_file(directory_.file("config.json"), resolved_, Sync::kDurable);
  const auto all = rows();
  const bool complete = is_complete(all);
  write(all, complete ? "done" : "running");
  if (complete) directory_.write_done();
}

}  // namespace nnrun
