#include <algorithm>

#include "app/commands.h"
#include "app/rerun.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

/// The run directories at `path`: itself, or the trials below it.
std::vector<fs::path> runs_at(const fs::path& path) {
  if (inspect(path) != RunState::kParent) return {path};
  std::vector<fs::path> runs;
  for (const auto& entry : fs::recursive_directory_iterator(path))
    if (entry.is_directory() && inspect(entry.path()) == RunState::kRun)
      runs.push_back(entry.path());
  std::sort(runs.begin(), runs.end());
  return runs;
}

}  // namespace

int verify_command(const Options& options, Output& out) {
  const fs::path path = options.paths[0];
  std::vector<Problem> problems;
  if (inspect(path) == RunState::kParent) {
    problems = verify_parent(path);
    if (problems.empty()) out.line(path.string() + ": intact");
  }
  for (const auto& run : runs_at(path)) {
    auto found = verify_run(run);
    if (found.empty() && options.rerun) found = rerun_and_compare(options, run);
    if (found.empty())
      out.line(run.string() + (options.rerun ? ": intact, and the same again" : ": intact"));
    problems.insert(problems.end(), found.begin(), found.end());
  }
  if (!problems.empty()) throw StoreError(problems);
  return 0;
}

}  // namespace nnrun
