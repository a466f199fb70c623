#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/rerun.h"
#include "study/find_folders.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

/// The run directories at `path`: itself, or the trials below it.
std::vector<fs::path> runs_at(const fs::path& path) {
  if (inspect(path) != RunState::kParent) return {path};
  return find_folders(path, {RunState::kRun});
}

std::string intact_text(const Json& intact) {
  std::string text;
  for (const auto& entry : intact)
    text += entry.at("run").get<std::string>() +
            (entry.at("same_again").is_null() ? ": intact\n" : ": intact, and the same again\n");
  return text;
}

}  // namespace

int verify_command(const Options& options, Output& out) {
  const fs::path path = options.paths[0];
  std::vector<Problem> problems;
  Json intact = Json::array();
  if (inspect(path) == RunState::kParent) {
    problems = verify_parent(path);
    if (problems.empty()) intact.push_back({{"run", path.string()}, {"same_again", nullptr}});
  }
  for (const auto& run : runs_at(path)) {
    auto found = verify_run(run);
    if (found.empty() && options.rerun) found = rerun_and_compare(options, run);
    if (found.empty())
      intact.push_back(
          {{"run", run.string()}, {"same_again", options.rerun ? Json(true) : Json(nullptr)}});
    problems.insert(problems.end(), found.begin(), found.end());
  }
  if (!problems.empty()) throw StoreError(problems);
  if (options.json)
    out.json(intact);
  else
    out.write(intact_text(intact));
  return 0;
}

}  // namespace nnrun
