#include <unistd.h>

#include <algorithm>

#include "nnrun/files.h"
#include "nnrun/store.h"
#include "store/features.h"
#include "store/own_files.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

/// Goes only when nothing of the user's is in it.
void remove_if_empty(const fs::path& folder) { ::rmdir(folder.c_str()); }

/// The pictures in the list; none when it is damaged, for the user's must stay.
std::vector<fs::path> own_pictures(const fs::path& features) {
  std::vector<fs::path> pictures;
  try {
    for (const auto& [name, hash] : feature_hashes(features)) {
      pictures.push_back(features / fs::path(name).filename());
    }
  } catch (const StoreError&) {
    pictures.clear();
  }
  return pictures;
}

void clear_features(const fs::path& features) {
  for (const fs::path& picture : own_pictures(features)) remove_file(picture, Sync::kNone);
  remove_file(features / kFeatureHashesFile, Sync::kNone);
  remove_if_empty(features);
}

bool is_own_file(const fs::path& path) {
  const std::string name = path.filename().string();
  const bool is_named =
      std::find(kDeletionOrder.begin(), kDeletionOrder.end(), name) != kDeletionOrder.end();
  return is_named || name == kLockFile || is_event_file(path) || is_temporary(path);
}

/// What shows that a folder is nnrun's stays where something of the user's does.
void clear_files(const fs::path& folder) {
  for (const fs::path& entry : entries_of(folder)) {
    if (is_event_file(entry) || is_temporary(entry)) remove_file(entry, Sync::kNone);
  }
  clear_features(folder / kFeaturesFolder);
  const auto last = std::find(kDeletionOrder.begin(), kDeletionOrder.end(), kFirstMark);
  for (auto name = kDeletionOrder.begin(); name != last; ++name)
    remove_file(folder / *name, Sync::kNone);
  const auto left = entries_of(folder);
  if (!std::all_of(left.begin(), left.end(), is_own_file)) return;
  for (auto name = last; name != kDeletionOrder.end(); ++name)
    remove_file(folder / *name, Sync::kNone);
}

/// DONE goes before anything that it vouches for.
void clear_tree(const fs::path& folder) {
  const bool is_own = inspect(folder) != RunState::kForeign;
  if (is_own) remove_file(folder / kDoneFile, Sync::kDurable);
  for (const fs::path& trial : trial_folders(folder)) {
    {
      const auto lock = RunLock::acquire(trial);
      clear_tree(trial);
    }
    remove_if_empty(trial);
  }
  if (is_own) clear_files(folder);
}

void add_strangers_in_features(const fs::path& features, std::vector<fs::path>& strangers) {
  const std::vector<fs::path> own = own_pictures(features);
  for (const fs::path& entry : entries_of(features)) {
    const bool is_own = entry.filename() == kFeatureHashesFile || is_temporary(entry) ||
                        std::find(own.begin(), own.end(), entry) != own.end();
    if (!is_own) strangers.push_back(entry);
  }
}

/// What nnrun did not make in a trial's folder; with it inside, the folder is no place for a trial.
void add_strangers(const fs::path& trial, std::vector<fs::path>& strangers) {
  std::error_code ignored;
  for (const fs::path& entry : entries_of(trial)) {
    const bool is_features =
        entry.filename() == kFeaturesFolder && fs::is_directory(fs::symlink_status(entry, ignored));
    if (is_trial_folder(entry))
      add_strangers(entry, strangers);
    else if (is_features)
      add_strangers_in_features(entry, strangers);
    else if (!is_own_file(entry))
      strangers.push_back(entry);
  }
}

/// Throws InUseError when a process is at work in a trial's folder. The locks are not kept: a study
/// may have more trials than a process may have open files.
void check_locks(const fs::path& folder) {
  for (const fs::path& trial : trial_folders(folder)) {
    if (is_there(trial / kLockFile)) RunLock::acquire(trial);
    check_locks(trial);
  }
}

}  // namespace

void RunDirectory::remove_temporaries() const {
  check_place_();
  for (const fs::path& entry : entries_of(folder_))
    if (is_temporary(entry)) remove_file(entry, Sync::kNone);
}

void RunDirectory::check_clearable() const {
  std::vector<fs::path> strangers;
  for (const fs::path& trial : trial_folders(folder_)) add_strangers(trial, strangers);
  std::vector<Problem> problems;
  for (const fs::path& path : strangers) {
    Problem problem;
    problem.file = path.string();
    problem.message = "in the way of --overwrite: not made by nnrun; nothing was touched";
    problems.push_back(problem);
  }
  if (!problems.empty()) throw StoreError(problems);
  check_locks(folder_);
}

void RunDirectory::clear() const {
  check_place_();
  if (inspect(folder_) == RunState::kForeign) {
    Problem problem;
    problem.file = folder_.string();
    problem.message = "is not overwritten: not a folder that nnrun made";
    throw StoreError({problem});
  }
  check_clearable();
  clear_tree(folder_);
}

}  // namespace nnrun
