#include <algorithm>
#include <utility>
#include <vector>

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
  return is_there(folder / kConfigFile) && (is_there(folder / kSweepFile) || has_trials(folder));
}

/// Nothing but the lock, temporary files, blank trials and, where a lock shows that nnrun was at
/// work, what it writes before the manifest.
bool counts_as_empty(const fs::path& folder, const std::vector<fs::path>& entries) {
  const bool was_locked =
      std::find(entries.begin(), entries.end(), folder / kLockFile) != entries.end();
  return std::all_of(entries.begin(), entries.end(), [&](const fs::path& entry) {
    const fs::path name = entry.filename();
    const bool before_manifest = name == kConfigFile || name == kVocabularyFile;
    return name == kLockFile || is_temporary(name) || (was_locked && before_manifest) ||
           is_blank_trial(entry);
  });
}

RunState judge(const fs::path& folder, const std::vector<fs::path>& entries) {
  if (is_parent(folder)) return RunState::kParent;
  if (has_own_manifest(folder)) return RunState::kRun;
  return counts_as_empty(folder, entries) ? RunState::kEmpty : RunState::kForeign;
}

/// Another process may be making the folder just now: foreign is only what holds still meanwhile.
RunState judge_at_rest(const fs::path& folder) {
  constexpr int kMostLooks = 1000;
  std::vector<fs::path> entries = entries_of(folder);
  for (int look = 0; look < kMostLooks; ++look) {
    const RunState state = judge(folder, entries);
    if (state != RunState::kForeign) return state;
    std::vector<fs::path> now = entries_of(folder);
    if (now == entries) break;
    entries = std::move(now);
  }
  return RunState::kForeign;
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
  return judge_at_rest(folder);
}

}  // namespace nnrun
