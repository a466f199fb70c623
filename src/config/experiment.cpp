#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/address.h"
#include "config/chain.h"
#include "config/locate.h"
#include "config/overrides.h"
#include "config/resolved.h"
#include "config/trials.h"
#include "nnrun/config.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

/// Tells the options that change swept values and takes them out.
void refuse_swept(std::vector<Assignment>& options, const TrialPlan& plan, const JsonValue& files,
                  Report& report) {
  std::erase_if(options, [&](const Assignment& option) {
    const size_t problems = report.size();
    const std::vector<Path> touched = touched_addresses(files, option.path, option.value);
    for (const Axis& axis : plan.axes) {
      const bool is_set = std::ranges::any_of(
          touched, [&](const Path& address) { return overlap(address, axis.address); });
      if (is_set)
        report.add(option.word_at.back(),
                   "a swept path cannot be set (" + in_quotes(axis.name) + " is in the sweep)");
    }
    return report.size() > problems;
  });
}

void add_differences(const Json& a, const Json& b, const std::string& pointer,
                     std::vector<std::string>& result) {
  if (a == b) return;
  const bool objects = a.is_object() && b.is_object();
  const bool lists = a.is_array() && b.is_array() && a.size() == b.size();
  if (objects) {
    for (const auto& [key, value] : a.items()) {
      const std::string own = join_pointer(pointer, key);
      b.contains(key) ? add_differences(value, b[key], own, result) : result.push_back(own);
    }
    for (const auto& [key, value] : b.items()) {
      if (!a.contains(key)) result.push_back(join_pointer(pointer, key));
    }
  } else if (lists) {
    for (size_t i = 0; i < a.size(); ++i)
      add_differences(a[i], b[i], join_pointer(pointer, std::to_string(i)), result);
  } else {
    result.push_back(pointer);
  }
}

Experiment load(const ChainStart& start, const std::filesystem::path& shipped,
                const Overrides& overrides) {
  auto sources = std::make_shared<Sources>();
  Report report(*sources);
  const bool is_whole = read_chain(start, shipped, *sources, report);
  std::vector<Assignment> options = read_overrides(overrides, *sources, report);
  if (!is_whole) report.throw_if_any();

  auto files = std::make_shared<JsonValue>(merge_chain(*sources, report));
  for (const Assignment& option : options) {
    Source& source = (*sources)[static_cast<size_t>(option.value.at.source)];
    source.pointers = pointers_of(*files, option.path, *sources);
  }
  JsonValue root = *files;
  assign(root, options, report);
  const TrialPlan plan = plan_trials(root, *files, report);
  refuse_swept(options, plan, *files, report);
  auto tree = std::make_shared<ConfigTree>(ConfigTree{sources, files, options});

  Experiment experiment{read_merged(parent_root(*tree, plan, report), report), start.file, tree};
  ExperimentConfig& config = experiment.config;
  if (config.name.empty()) config.name = default_name(start.file);
  if (config.sweep) config.sweep = plan.sweep;
  if (has_trials(config)) check_trials(*tree, plan, config.seed, report);
  report.throw_if_any();
  return experiment;
}

}  // namespace

Experiment load_experiment(const std::string& file, const std::filesystem::path& shipped,
                           const Overrides& overrides) {
  return load({find_config(file, shipped)}, shipped, overrides);
}

Experiment load_resolved(const std::string& file, const std::filesystem::path& shipped,
                         const Overrides& overrides) {
  return load({find_config(file, shipped), kMostResolvedBytes}, shipped, overrides);
}

Problem problem_at(const Experiment& experiment, const std::string& pointer,
                   const std::string& message, const std::string& suggestion) {
  Problem problem = locate_pointer(*experiment.tree->sources, experiment.tree->merged(), pointer);
  problem.message = message;
  problem.suggestion = suggestion;
  return problem;
}

std::vector<std::string> differing_pointers(const std::string& resolved_a,
                                            const std::string& resolved_b) {
  std::vector<std::string> result;
  add_differences(Json::parse(resolved_a), Json::parse(resolved_b), "", result);
  return result;
}

}  // namespace nnrun
