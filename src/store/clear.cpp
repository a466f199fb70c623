#include <unistd.h>

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

void clear_files(const fs::path& folder) {
  for (const fs::path& entry : entries_of(folder)) {
    if (is_event_file(entry) || is_temporary(entry)) remove_file(entry, Sync::kNone);
  }
  clear_features(folder / kFeaturesFolder);
  for (const char* name : kDeletionOrder) remove_file(folder / name, Sync::kNone);
}

void clear_tree(const fs::path& folder) {
  const bool is_own = inspect(folder) != RunState::kForeign;
  for (const fs::path& trial : trial_folders(folder)) {
    {
      const auto lock = RunLock::acquire(trial);
      clear_tree(trial);
    }
    remove_if_empty(trial);
  }
  if (is_own) clear_files(folder);
}

}  // namespace

void RunDirectory::clear() const {
  if (inspect(folder_) == RunState::kForeign) {
    Problem problem;
    problem.file = folder_.string();
    problem.message = "is not overwritten: not a folder that nnrun made";
    throw StoreError({problem});
  }
  clear_tree(folder_);
}

}  // namespace nnrun
