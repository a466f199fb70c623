#include <algorithm>

#include "nnrun/files.h"
#include "nnrun/store.h"
#include "store/own_files.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& folder, const std::string& message) {
  Problem problem;
  problem.file = folder.string();
  problem.message = message;
  throw EnvironmentError({problem});
}

/// Other programs have a manifest.json too.
bool has_own_manifest(const fs::path& folder) {
  const fs::path file = folder / kManifestFile;
  return is_there(file) && read_file(file).find("\"nnrun_version\"") != std::string::npos;
}

bool is_parent(const fs::path& folder) {
  return is_there(folder / kConfigFile) &&
         (is_there(folder / kSweepFile) || !trial_folders(folder).empty());
}

/// Nothing but the lock, temporary files and, where a lock shows that nnrun was at work, what it
/// writes before the manifest.
bool counts_as_empty(const fs::path& folder) {
  const bool was_locked = is_there(folder / kLockFile);
  const std::vector<fs::path> entries = entries_of(folder);
  return std::all_of(entries.begin(), entries.end(), [&](const fs::path& entry) {
    const fs::path name = entry.filename();
    const bool before_manifest = name == kConfigFile || name == kVocabularyFile;
    return name == kLockFile || is_temporary(name) || (was_locked && before_manifest);
  });
}

}  // namespace

RunState inspect(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found && error != std::errc::not_a_directory) {
    return RunState::kAbsent;
  }
  if (error) fail(folder, "cannot be read (" + error.message() + ")");
  if (!fs::is_directory(status)) fail(folder, "is a file (expected a folder)");
  if (is_parent(folder)) return RunState::kParent;
  if (has_own_manifest(folder)) return RunState::kRun;
  return counts_as_empty(folder) ? RunState::kEmpty : RunState::kForeign;
}

}  // namespace nnrun
