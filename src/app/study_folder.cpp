#include "app/study_folder.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iterator>
#include <thread>
#include <utility>

#include "app/common_inputs.h"
#include "app/shared_problems.h"
#include "config/resolved.h"
#include "nnrun/files.h"
#include "nnrun/log.h"
#include "nnrun/stop.h"
#include "store/checkpoint.h"
#include "store/own_files.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

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
std::optional<Manifest> manifest_of(const fs::path& folder) {
  try {
    if (inspect(folder) == RunState::kRun) return RunDirectory(folder).manifest();
  } catch (const StoreError&) {
    return std::nullopt;
  }
  return std::nullopt;
}

/// It saved, by a signal or where it was told to.
bool was_stopped(int code) { return code > 128 && code != 128 + SIGKILL; }

/// Epochs that a trial has behind it.
int64_t epochs_of(const TrialRow& row) { return row.summary ? row.summary->epochs : 0; }

bool is_over(const TrialRow& row) { return row.status == "done" || row.status == "diverged"; }

}  // namespace

StudyFolder::StudyFolder(FolderRequest request, const Experiment& experiment,
                         const std::vector<Trial>& trials)
    : request_(std::move(request)),
      directory_(request_.folder),
      resolved_(resolved_json(experiment)),
      init_from_(experiment.config.model.init_from),
      trials_(trials) {
  if (const auto& sweep = experiment.config.sweep) {
    goal_ = {sweep->metric, sweep->maximize};
    ends_early_ = sweep->early_terminate.has_value();
  }
  examine();
}

/// What stands in the folder: asked first of all, and again under the lock. Throws StoreError where
/// that refuses the study.
RunState StudyFolder::examine() {
  const RunState state = examine_folder(request_);
  if (request_.overwrite) return state;
  if (state == RunState::kRun) {
    check_same_config(directory_.config_json(), resolved_, request_.folder, /*may_grow=*/{});
    refuse_folder(request_.folder,
                  "holds a single run (expected the trials of a sweep, or nothing)");
  }
  grows_ = state == RunState::kParent && extends_stored_config();
  if (grows_) check_growing_trials();
  return state;
}

/// False: config.json is this study's. Throws StoreError where it can become neither.
bool StudyFolder::extends_stored_config() const {
  return check_same_config(stored_config(), resolved_, request_.folder, growing_pointers());
}

/// As stored_config of a run; the first trial that there is tells whose weights they are.
std::string StudyFolder::stored_config() const {
  const std::string stored = directory_.config_json();
  if (init_from_.empty() || stored == resolved_) return stored;
  for (const Trial& trial : trials_) {
    const auto manifest = manifest_of(request_.folder / trial.folder);
    if (!manifest) continue;
    const bool same_weights = used_file(*manifest, init_from_);
    return same_weights ? with_init_from(stored, init_from_, request_.folder) : stored;
  }
  return stored;
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

void StudyFolder::check_inputs(size_t trial, const Inputs& inputs) const {
  if (request_.overwrite) return;
  const fs::path folder = trial_folder(trial);
  if (const auto then = manifest_of(folder)) nnrun::check_inputs(*then, folder, inputs);
}

/// Rows of trials that ended, but do not compare with those before, become `failed`; what they are
/// to be told.
std::vector<Problem> StudyFolder::mark_unlike(std::vector<TrialRow>& rows) const {
  CommonInputs inputs;
  std::vector<Problem> problems;
  for (TrialRow& row : rows) {
    if (!row.summary || row.status == "running") continue;
    const fs::path folder = request_.folder / row.trial->folder;
    const auto manifest = manifest_of(folder);
    const std::string change = manifest ? inputs.add(*row.trial, *manifest) : "";
    if (change.empty()) continue;
    row.status = "failed";
    Problem problem;
    problem.file = folder.string();
    problem.message = "the trial was made with " + change +
                      " (delete the folders of those made with the wrong one and train again)";
    problems.push_back(problem);
  }
  return problems;
}

void StudyFolder::check_common_inputs() const {
  auto all = rows();
  if (const auto problems = mark_unlike(all); !problems.empty()) throw StoreError(problems);
}

bool StudyFolder::is_made() const {
  return inspect(request_.folder) == RunState::kParent &&
         is_there(directory_.file("summary.json")) && directory_.config_json() == resolved_;
}

/// The parent's lock is held only while its files are written; another process may do so right now.
std::unique_ptr<RunLock> StudyFolder::lock_for_writing() const {
  constexpr int kAttempts = 1500;  // half a minute: hundreds may start at once on a shared folder
  constexpr std::chrono::milliseconds kPause{20};
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (place_) place_->check();
    if (auto lock = RunLock::try_acquire(request_.folder)) return lock;
    std::this_thread::sleep_for(kPause);
  }
  return RunLock::acquire(request_.folder);
}

void StudyFolder::make() {
  if (request_.overwrite || !is_made()) make_files();
  place_.emplace(request_.folder);
}

void StudyFolder::make_files() {
  const auto missing = missing_folders(request_.folder);
  const auto lock = lock_for_writing();
  if (request_.overwrite) directory_.clear();
  if (is_made()) return;  // by another process, meanwhile
  is_fresh_ = examine() == RunState::kEmpty;
  if (is_fresh_) made_ = missing;
  // In this order: what a kill leaves never says that it fits.
  directory_.remove_done();
  remove_file(directory_.file("summary.json"), Sync::kDurable);
  replace_file(directory_.file("config.json"), resolved_, Sync::kDurable);
  write(Moment::kAtWork, Sync::kDurable);
  if (request_.overwrite) remove_file(directory_.file("manifest.json"), Sync::kDurable);  // a run's
}

void StudyFolder::abandon() const {
  if (!is_fresh_) return;
  try {
    if (place_) place_->check();
    const auto lock = RunLock::try_acquire(request_.folder);
    if (!lock || has_trials(request_.folder)) return;
    directory_.clear();
  } catch (const Error&) {  // what cannot be removed stays
    return;
  }
  for (const fs::path& folder : made_) ::rmdir(folder.c_str());
}

/// The config in a trial's folder means what it means in this study, as for the trial's own
/// process.
bool StudyFolder::has_own_config(size_t trial) const try {
  if (own_config_.contains(trial)) return true;
  const ExperimentConfig& config = trials_[trial].experiment.config;
  const RunDirectory run(trial_folder(trial));
  const std::string stored = nnrun::stored_config(run, config.model.init_from);
  check_same_config(stored, resolved_json(config), run.folder(), /*may_grow=*/{});
  own_config_.insert(trial);
  return true;
} catch (const StoreError&) {
  return false;
}

bool StudyFolder::settled(size_t trial, const std::string& data_hash,
                          std::optional<int64_t> epochs) const {
  const RunDirectory run(trial_folder(trial));
  const std::string& weights = trials_[trial].experiment.config.model.init_from;
  if (inspect(run.folder()) != RunState::kRun) return false;
  try {
    if (!has_own_config(trial)) return false;
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
  const RunDirectory run(trial_folder(trial));
  bool is_short = false;
  try {
    row.summary = run.summary();
    if (row.summary) row.status = row.summary->status;
    if (row.status == "done") is_short = !run.done() || !has_own_config(trial);
  } catch (const StoreError&) {
    row.status = "failed";
  }
  if (row.status == "done" && is_short) row.status = "stopped";
  const Setback* const setback = setback_of(row, trial);
  if (setback != nullptr && !setback->saved) row.status = "failed";
  row.has_no_room = setback != nullptr && setback->exit_code == static_cast<int>(ExitCode::kDevice);
  row.cut_short = row.status == "stopped" && (is_short || setback != nullptr);
  return row;
}

/// nullptr: there was none, or another process has brought the trial on meanwhile.
const StudyFolder::Setback* StudyFolder::setback_of(const TrialRow& row, size_t trial) const {
  const auto found = setbacks_.find(trial);
  if (found == setbacks_.end()) return nullptr;
  const Setback& setback = found->second;
  const bool went_on = epochs_of(row) > setback.epochs || (is_over(row) && !setback.was_over);
  return went_on ? nullptr : &setback;
}

std::vector<TrialRow> StudyFolder::rows() const {
  std::vector<TrialRow> rows;
  for (size_t i = 0; i < trials_.size(); ++i) rows.push_back(row(i));
  return rows;
}

void StudyFolder::record(size_t trial, int exit_code, int64_t epochs) {
  setbacks_.erase(trial);
  const TrialRow now = row(trial);
  const bool arrived = now.summary && now.summary->epochs >= epochs;
  const bool failed = was_stopped(exit_code)
                          ? !arrived && stop_signal() == 0
                          : exit_code != 0 && exit_code != static_cast<int>(ExitCode::kDiverged);
  const bool saved = is_stop_code(exit_code) && now.status == "stopped";
  if (failed) setbacks_[trial] = {exit_code, saved, epochs_of(now), is_over(now)};
  keep_up();
}

void StudyFolder::record_dead() {
  for (size_t i = 0; i < trials_.size(); ++i) {
    const TrialRow now = row(i);
    if (now.status == "running" && !RunLock::is_held(trial_folder(i)))
      setbacks_[i] = {128 + SIGKILL, /*saved=*/false, epochs_of(now), /*was_over=*/false};
  }
}

/// Every trial ended well.
bool StudyFolder::is_complete(const std::vector<TrialRow>& rows) const {
  return std::ranges::all_of(rows, [this](const TrialRow& row) {
    return row.status == "done" || (ends_early_ && row.status == "stopped" && !row.cut_short);
  });
}

bool StudyFolder::is_worked_on() const {
  return std::ranges::any_of(trials_, [this](const Trial& trial) {
    return RunLock::is_held(request_.folder / trial.folder);
  });
}

const char* StudyFolder::status_at(Moment moment, const std::vector<TrialRow>& rows) const {
  if (moment == Moment::kAtWork) return "running";
  const bool all_done = count_status(rows, "done") == std::ssize(rows);
  if (all_done || (moment != Moment::kStopped && is_complete(rows))) return "done";
  const int64_t failed = count_status(rows, "failed") + count_status(rows, "diverged");
  const int64_t ended = failed + count_status(rows, "done");
  const bool others_follow = moment == Moment::kAfterOne && ended < std::ssize(rows);
  if (others_follow || is_worked_on()) return "running";
  return failed > 0 && moment != Moment::kStopped ? "failed" : "stopped";
}

/// config.json is this study's; made anew where a process that was refused has taken it away.
bool StudyFolder::owns_files() const {
  const fs::path config = directory_.file("config.json");
  if (!is_there(config)) replace_file(config, resolved_, Sync::kDurable);
  return directory_.config_json() == resolved_;
}

/// For the holder of the parent's lock. The table comes before the summary, which holds its hash.
std::string StudyFolder::write(Moment moment, Sync sync) const {
  auto all = rows();
  if (moment != Moment::kAtWork) mark_unlike(all);
  const std::string status = status_at(moment, all);
  auto begun = all;
  std::erase_if(begun, [](const TrialRow& row) { return row.status.empty(); });
  const std::string table = sweep_csv(trials_.front(), begun);
  const std::string text = study_summary(all, goal_, status, {resolved_, table});
  if (!owns_files()) return text;
  if (status != "done") directory_.remove_done();
  replace_file(directory_.file("sweep.csv"), table, sync);
  replace_file(directory_.file("summary.json"), text, sync);
  if (status == "done" && !directory_.done()) directory_.write_done();
  return text;
}

void StudyFolder::keep_up() const try {
  const auto lock = lock_for_writing();
  write(Moment::kAtWork, Sync::kNone);
} catch (const LostFolderError&) {
  throw;
} catch (const EnvironmentError& error) {
  log_warning(std::string(error.what()) + "; the study goes on, and tries again later");
}

std::string StudyFolder::update(Moment moment) const {
  const auto lock = lock_for_writing();
  return write(moment, Sync::kDurable);
}

}  // namespace nnrun
