#include "app/study_folder.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "app/shared_problems.h"
#include "config/resolved.h"
#include "nnrun/files.h"
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
    const auto manifest = stored_manifest(request_.folder / trial.folder);
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
  if (const auto then = stored_manifest(folder)) nnrun::check_inputs(*then, folder, inputs);
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
  place_ = std::make_shared<const Place>(request_.folder);
  directory_.guard_by([place = place_] { place->check(); });
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
  directory_.remove("summary.json");
  directory_.write("config.json", {resolved_}, Sync::kDurable);
  write(Moment::kAtWork, Sync::kDurable);
  if (request_.overwrite) directory_.remove("manifest.json");  // a run's
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

}  // namespace nnrun
