#include "app/study_folder.h"

#include <algorithm>
#include <csignal>
#include <iterator>

#include "app/common_inputs.h"
#include "config/resolved.h"
#include "nnrun/files.h"
#include "nnrun/log.h"
#include "nnrun/stop.h"
#include "store/checkpoint.h"
#include "store/own_files.h"

/// What stands in the folders of a study's trials, and what follows from it for the parent's files.
namespace nnrun {
namespace {

namespace fs = std::filesystem;

/// It saved, by a signal or where it was told to.
bool was_stopped(int code) { return code > 128 && code != 128 + SIGKILL; }

/// Epochs that a trial has behind it.
int64_t epochs_of(const TrialRow& row) { return row.summary ? row.summary->epochs : 0; }

bool is_over(const TrialRow& row) { return row.status == "done" || row.status == "diverged"; }

}  // namespace

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

/// Rows of trials that ended, but do not compare with those before, become `failed`; what they are
/// to be told.
std::vector<Problem> StudyFolder::mark_unlike(std::vector<TrialRow>& rows) const {
  CommonInputs inputs;
  std::vector<Problem> problems;
  for (TrialRow& row : rows) {
    if (!row.summary || row.status == "running") continue;
    const fs::path folder = request_.folder / row.trial->folder;
    const auto manifest = stored_manifest(folder);
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
  if (!is_there(directory_.file("config.json")))
    directory_.write("config.json", {resolved_}, Sync::kDurable);
  return directory_.config_json() == resolved_;
}

/// For the holder of the parent's lock. The table comes before the summary, which holds its hash.
std::string StudyFolder::write(Moment moment, Sync sync) const try {
  auto all = rows();
  if (moment != Moment::kAtWork) mark_unlike(all);
  const std::string status = status_at(moment, all);
  auto begun = all;
  std::erase_if(begun, [](const TrialRow& row) { return row.status.empty(); });
  const std::string table = sweep_csv(trials_.front(), begun);
  const std::string text = study_summary(all, goal_, status, {resolved_, table});
  if (!owns_files()) return text;
  if (status != "done") directory_.remove_done();
  directory_.write("sweep.csv", {table}, sync);
  directory_.write("summary.json", {text}, sync);
  if (status == "done" && !directory_.done()) directory_.write_done();
  return text;
} catch (const EnvironmentError&) {
  if (place_) place_->check();  // where the folder is lost, that is the reason
  throw;
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
