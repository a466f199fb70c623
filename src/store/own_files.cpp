#include "store/own_files.h"

#include <algorithm>

#include "nnrun/error.h"
#include "nnrun/files.h"
#include "nnrun/format.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

/// The N of `PREFIXN`; -1 when the name is no such.
int64_t number_after(std::string_view prefix, const std::string& name) {
  if (!name.starts_with(prefix)) return -1;
  return parse_int(std::string_view(name).substr(prefix.size())).value_or(-1);
}

int64_t trial_number(const fs::path& path) {
  const std::string name = path.filename().string();
  return std::max(number_after("trial-", name), number_after("seed-", name));
}

}  // namespace

bool is_event_file(const fs::path& path) {
  return path.filename().string().starts_with("events.out.tfevents.");
}

bool is_trial_folder(const fs::path& path) {
  std::error_code error;
  return trial_number(path) >= 0 && fs::is_directory(fs::symlink_status(path, error));
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    entries.push_back(entry->path());
  }
  if (error) {
    Problem problem;
    problem.file = folder.string();
    problem.message = "cannot be read (" + error.message() + ")";
    throw EnvironmentError({problem});
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::vector<fs::path> trial_folders(const fs::path& folder) {
  std::vector<fs::path> folders = entries_of(folder);
  std::erase_if(folders, [](const fs::path& path) { return !is_trial_folder(path); });
  std::sort(folders.begin(), folders.end(),
            [](const fs::path& a, const fs::path& b) { return trial_number(a) < trial_number(b); });
  return folders;
}

bool is_blank_trial(const fs::path& path) {
  if (!is_trial_folder(path)) return false;
  const std::vector<fs::path> entries = entries_of(path);
  return std::all_of(entries.begin(), entries.end(), [](const fs::path& entry) {
    return entry.filename() == kLockFile || is_temporary(entry) || is_blank_trial(entry);
  });
}

bool has_trials(const fs::path& folder) {
  const std::vector<fs::path> trials = trial_folders(folder);
  return !std::all_of(trials.begin(), trials.end(), is_blank_trial);
}

}  // namespace nnrun
