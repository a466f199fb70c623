#include "nnrun/files.h"
#include "nnrun/store.h"
#include "store/damaged.h"
#include "store/json_text.h"
#include "store/own_files.h"
#include "store/seal.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

/// Runs below a parent that came to their end, or were stopped early by it.
int64_t ended_runs(const fs::path& folder) {
  int64_t count = 0;
  for (const fs::path& trial : trial_folders(folder)) {
    if (inspect(trial) != RunState::kRun) {
      count += ended_runs(trial);
      continue;
    }
    const RunDirectory run(trial);
    try {
      const auto summary = run.summary();
      if (run.done() || (summary && summary->status == "stopped")) ++count;
    } catch (const StoreError&) {  // found when the trial itself is checked
      ++count;
    }
  }
  return count;
}

/// Checks a file of a parent against its hash in the summary.
void check_hash(const fs::path& file, const nlohmann::json& hash, std::vector<Problem>& problems) {
  if (!is_there(file)) {
    problems.push_back(at_whole_file(file, "is missing"));
  } else if (sha256(read_file(file)) != hash) {
    problems.push_back(at_whole_file(file, "does not match its hash in summary.json"));
  }
}

nlohmann::json read_summary(const fs::path& file) {
  const std::string text = read_file(file);
  check_sealed_json(text, file.string());
  return read_json(text, file.string(), [](nlohmann::json json) { return json; });
}

/// The table's hash holds once no trial writes to it.
void check_hashes(const fs::path& folder, const nlohmann::json& summary,
                  std::vector<Problem>& problems) {
  const bool is_running = summary.value("status", "") == "running";
  if (summary.contains(kConfigHash))
    check_hash(folder / kConfigFile, summary[kConfigHash], problems);
  if (summary.contains(kTableHash) && !is_running)
    check_hash(folder / kSweepFile, summary[kTableHash], problems);
}

void check_done(const fs::path& done, const nlohmann::json& summary,
                std::vector<Problem>& problems) {
  if (summary.value("status", "") != "done")
    problems.push_back(at_whole_file(done, "stands beside a summary.json that says otherwise"));
  const auto ended = ended_runs(done.parent_path());
  const auto expected = summary.value("trials", int64_t{0});
  if (ended < expected)
    problems.push_back(at_whole_file(done, "stands above trials that have not ended (got " +
                                               std::to_string(ended) + ", expected " +
                                               std::to_string(expected) + ")"));
}

}  // namespace

std::vector<Problem> verify_parent(const fs::path& folder) {
  const fs::path file = folder / kSummaryFile, done = folder / kDoneFile;
  std::vector<Problem> problems;
  if (!is_there(file)) {
    if (is_there(done)) problems.push_back(at_whole_file(file, "is missing"));
    return problems;
  }
  try {
    const nlohmann::json summary = read_summary(file);
    check_hashes(folder, summary, problems);
    if (is_there(done)) check_done(done, summary, problems);
  } catch (const StoreError& error) {
    problems = error.problems();
  }
  return problems;
}

}  // namespace nnrun
