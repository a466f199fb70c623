#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/rerun.h"
#include "app/shared_problems.h"
#include "nnrun/error.h"
#include "study/find_folders.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

/// Throws what is not the same when the runs are trained again.
void rerun_all(const Options& options, const std::vector<fs::path>& runs) {
  SharedProblems problems;
  for (const fs::path& run : runs)
    problems.collect([&] {
      const auto found = rerun_and_compare(options, run);
      if (!found.empty()) throw StoreError(found);
    });
  problems.throw_if_any();
}

std::string intact_text(const Json& intact) {
  std::string text;
  for (const auto& entry : intact)
    text += escaped(entry.at("run").get<std::string>()) +
            (entry.at("same_again").is_null() ? ": intact\n" : ": intact, and the same again\n");
  return text;
}

}  // namespace

int verify_command(const Options& options, Output& out) {
  const fs::path path = options.paths[0];
  if (const std::vector<Problem> problems = verify_run(path); !problems.empty())
    throw StoreError(problems);
  const bool is_parent = inspect(path) == RunState::kParent;
  const auto runs = is_parent ? find_folders(path, {RunState::kRun}) : std::vector{path};
  if (options.rerun) rerun_all(options, runs);

  Json intact = Json::array();
  if (is_parent) intact.push_back({{"run", path.string()}, {"same_again", nullptr}});
  const Json same_again = options.rerun ? Json(true) : Json();
  for (const fs::path& run : runs)
    intact.push_back({{"run", run.string()}, {"same_again", same_again}});
  if (options.json)
    out.json(intact);
  else if (!options.quiet)
    out.write(intact_text(intact));
  return 0;
}

}  // namespace nnrun
