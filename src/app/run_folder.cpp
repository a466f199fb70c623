#include "app/run_folder.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "nnrun/files.h"
#include "nnrun/format.h"
#include "nnrun/log.h"
#include "store/best.h"
#include "store/metrics_csv.h"
#include "store/owner.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

std::string value_text(const nlohmann::json& config, const std::string& pointer) {
  const nlohmann::json::json_pointer where(pointer);
  return config.contains(where) ? config.at(where).dump() : "nothing";
}

bool has_grown(const nlohmann::json& then, const nlohmann::json& now, const std::string& pointer) {
  const nlohmann::json::json_pointer where(pointer);
  return then.contains(where) && now.contains(where) && then.at(where).is_number_integer() &&
         then.at(where).get<int64_t>() < now.at(where).get<int64_t>();
}

nlohmann::json parse_stored(const std::string& text, const fs::path& folder) {
  auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) refuse_folder(folder / "config.json", "damaged (no JSON)");
  return json;
}

Problem other_file(const DataFile& now, const DataFile& then) {
  Problem problem;
  problem.file = now.path;
  problem.message = "not the file the run was made with (got SHA-256 " + now.sha256 +
                    ", expected " + then.sha256 + ")";
  return problem;
}

/// Where no DONE stands beside it, a damaged summary counts as none: the run that goes on makes it
/// anew from last.nnr.
std::optional<Summary> summary_of(const RunDirectory& run) try {
  return run.summary();
} catch (const StoreError& error) {
  if (run.done()) throw;
  log_warning(std::string(error.what()) + "; made anew from last.nnr");
  return std::nullopt;
}

/// What the last save took is known once it is written: to timing.csv, which the run does without
/// where it is damaged.
void recall_last_save(const fs::path& timing_csv, std::vector<EpochTiming>& timings) try {
  if (timings.empty() || !is_there(timing_csv)) return;
  const auto written = parse_timing_csv(read_file(timing_csv), timing_csv.string());
  if (written.size() < timings.size()) return;
  double& seconds = timings.back().checkpoint_seconds;
  seconds = std::max(seconds, written[timings.size() - 1].checkpoint_seconds);
} catch (const Error&) {
  return;
}

}  // namespace

void refuse_folder(const fs::path& folder, const std::string& message) {
  Problem problem;
  problem.file = folder.string();
  problem.message = message;
  throw StoreError(std::vector<Problem>{problem});
}

bool may_train_longer(const ExperimentConfig& config) {
  const auto& schedule = config.optimizer.schedule;
  return !schedule ||
         (schedule->type != ScheduleType::kCosine && schedule->type != ScheduleType::kOneCycle);
}

bool check_same_config(const std::string& then, const std::string& now, const fs::path& folder,
                       const std::vector<std::string>& may_grow) {
  if (then == now) return false;
  bool grown = false;
  const auto old_config = parse_stored(then, folder), new_config = parse_stored(now, folder);
  std::vector<Problem> problems;
  for (const auto& pointer : differing_pointers(then, now)) {
    const bool allowed = std::find(may_grow.begin(), may_grow.end(), pointer) != may_grow.end();
    if (allowed && has_grown(old_config, new_config, pointer)) {
      grown = true;
      continue;
    }
    Problem problem;
    problem.file = (folder / "config.json").string();
    problem.pointer = pointer;
    problem.message = "the run has another config (got " + value_text(new_config, pointer) +
                      ", expected " + value_text(old_config, pointer) + ")";
    problems.push_back(problem);
  }
  if (!problems.empty()) throw StoreError(problems);
  return grown;
}

RunState examine_folder(const FolderRequest& request) {
  const RunState state = inspect(request.folder);
  const bool exists = state == RunState::kRun || state == RunState::kParent;
  if (state == RunState::kForeign)
    refuse_folder(request.folder, "not empty and no run directory; nothing was touched");
  if (request.resume == Resume::kMust && !exists)
    refuse_folder(request.folder, "no run to resume (--resume must)");
  if (request.resume == Resume::kNever && exists && !request.overwrite)
    refuse_folder(request.folder,
                  "a run is there already (--resume never; --overwrite deletes it)");
  if (request.overwrite && exists) RunDirectory(request.folder).check_clearable();
  return state;
}

std::string with_init_from(const std::string& text, const std::string& file,
                           const fs::path& folder) {
  auto json = parse_stored(text, folder);
  json["model"]["init_from"] = file;
  return json.dump();
}

std::optional<Manifest> stored_manifest(const fs::path& folder) {
  try {
    if (inspect(folder) == RunState::kRun) return RunDirectory(folder).manifest();
  } catch (const StoreError&) {
    return std::nullopt;
  }
  return std::nullopt;
}

bool used_file(const Manifest& manifest, const fs::path& file) {
  const std::string hash = sha256(read_file(file));
  return std::any_of(manifest.files.begin(), manifest.files.end(),
                     [&](const DataFile& used) { return used.sha256 == hash; });
}

RunFolder::RunFolder(FolderRequest request, const ExperimentConfig& config, bool locked)
    : request_(std::move(request)),
      directory_(request_.folder),
      resolved_(nnrun::resolved_json(config)) {
  examine_folder(request_);  // refuse before anything is touched
  if (locked) {
    lock_ = RunLock::acquire(request_.folder);
    directory_.guard_by([lock = lock_.get()] { lock->check(); });
  }
  const RunState state =
      examine_folder(request_);  // again: others may have been at work before the lock
  if (request_.overwrite) return;
  if (state == RunState::kParent) {
    check_same_config(directory_.config_json(), resolved_, request_.folder, /*may_grow=*/{});
    refuse_folder(request_.folder, "holds the trials of a sweep (expected a single run)");
  }
  if (state == RunState::kRun) examine_run(config);
}

std::string stored_config(const RunDirectory& run, const std::string& init_from) {
  const std::string stored = run.config_json();
  const bool same_weights = !init_from.empty() && used_file(run.manifest(), init_from);
  return same_weights ? with_init_from(stored, init_from, run.folder()) : stored;
}

void RunFolder::examine_run(const ExperimentConfig& config) {
  const std::string then = stored_config(directory_, config.model.init_from);
  std::vector<std::string> may_grow;
  if (may_train_longer(config)) may_grow.emplace_back(kEpochsPointer);
  extends_ = check_same_config(then, resolved_, request_.folder, may_grow);
  action_ = FolderAction::kContinue;
  const auto summary = summary_of(directory_);
  if (summary && summary->status == "diverged")
    action_ = FolderAction::kDiverged;
  else if (directory_.is_finished() && !extends_)
    action_ = FolderAction::kFinished;
}

RunFolder::~RunFolder() {
  if (!made_) return;
  try {
    directory_.clear();
  } catch (const Error&) {  // what cannot be removed stays
  }
}

std::optional<Checkpoint> RunFolder::checkpoint() const {
  if (action_ == FolderAction::kFresh) return std::nullopt;
  auto checkpoint = directory_.checkpoint("last.nnr");
  if (!checkpoint && action_ == FolderAction::kContinue) check_never_saved();
  if (!checkpoint) return std::nullopt;
  check_owner(directory_, *checkpoint, {sha256(directory_.config_json()), sha256(resolved_)});
  directory_.vocabulary();  // tells another run's
  const bool goes_on = action_ != FolderAction::kFinished;
  if (goes_on || is_there(directory_.file("best.nnr")))
    best_beside(*checkpoint, directory_);  // tells a damaged one
  recall_last_save(directory_.file("timing.csv"), checkpoint->timings);
  return checkpoint;
}

/// A run that was killed, or had no room, before its first checkpoint may begin again without a
/// word, and so may one whose results somebody has deleted.
void RunFolder::check_never_saved() const {
  const auto summary = summary_of(directory_);
  const bool saved = summary && (summary->status == "done" || summary->status == "stopped");
  if (!saved || summary->epochs == 0 || !is_there(directory_.file("metrics.csv"))) return;
  refuse_folder(directory_.file("last.nnr"), "is missing, with " +
                                                 counted(summary->epochs, "epoch") +
                                                 " of the run in it (--overwrite starts anew)");
}

void check_inputs(const Manifest& then, const fs::path& folder, const Inputs& inputs) {
  std::map<std::string_view, const DataFile*> files_then;
  for (const DataFile& old : then.files) files_then.emplace(old.path, &old);
  std::vector<Problem> problems;
  for (const DataFile& file : inputs.files) {
    const auto old = files_then.find(file.path);
    if (old != files_then.end() && old->second->sha256 != file.sha256)
      problems.push_back(other_file(file, *old->second));
  }
  if (!problems.empty()) throw StoreError(problems);
  if (then.data_hash != inputs.data_hash)
    refuse_folder(folder, "the run was made with other data (got hash " + inputs.data_hash +
                              ", expected " + then.data_hash + ")");
}

void RunFolder::check_inputs(const Inputs& inputs) const {
  if (action_ == FolderAction::kFresh) return;
  nnrun::check_inputs(directory_.manifest(), request_.folder, inputs);
}

/// Before config.json and the manifest change: last.nnr is accepted beside either config, and what
/// is inexact stays so.
void RunFolder::adapt(Checkpoint checkpoint, bool exact) const {
  const std::string hash = sha256(resolved_);
  if (checkpoint.config_hash == hash && checkpoint.exact == exact) return;
  checkpoint.former_config_hash = sha256(directory_.config_json());
  checkpoint.config_hash = hash;
  checkpoint.exact = exact;
  directory_.write_checkpoint("last.nnr", checkpoint);
}

void RunFolder::make(const Manifest& manifest, const std::optional<Checkpoint>& checkpoint,
                     bool exact) {
  if (request_.overwrite) directory_.clear();
  directory_.remove_temporaries();
  if (action_ == FolderAction::kFresh) {
    made_ = true;
  } else {
    if (checkpoint) adapt(*checkpoint, exact);
    directory_.remove_done();
  }
  directory_.create(resolved_, manifest);
}

}  // namespace nnrun
