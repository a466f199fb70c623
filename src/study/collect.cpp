#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "nnrun/error.h"
#include "nnrun/files.h"
#include "nnrun/tables.h"
#include "store/damaged.h"
#include "study/fields.h"
#include "study/find_folders.h"
#include "study/swept_axes.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Top-level keys that do not change what is trained.
const std::set<std::string> kLabels{"name", "description", "tags", "seed", "repeats"};

bool is_layer_list(const Json& value) {
  return value.is_array() && !value.empty() && value.front().is_object() &&
         value.front().contains("name");
}

/// Appends (path, JSON text) of every leaf; layers go by their names.
void flatten(const Json& value, const std::string& path,
             std::vector<std::pair<std::string, std::string>>& fields) {
  const auto below = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
  if (is_layer_list(value)) {
    for (const Json& layer : value)
      flatten(layer, below(layer.at("name").get<std::string>()), fields);
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      if (!path.empty() || !kLabels.contains(key)) flatten(member, below(key), fields);
    }
  } else {
    fields.emplace_back(path, value.dump());
  }
}

StudyRun read_run(const fs::path& folder) {
  const RunDirectory directory(folder);
  StudyRun run;
  run.folder = folder;
  const Json config = Json::parse(directory.checked_config(), nullptr, /*allow_exceptions=*/false);
  if (!config.is_object()) damaged(directory.file("config.json").string(), "no JSON object");
  for (const auto& [key, value] : config.items()) {
    if (kLabels.contains(key)) run.labels.emplace_back(key, value.dump());
  }
  const auto name = config.find("name");
  run.name = name != config.end() && name->is_string() ? name->get<std::string>()
                                                       : folder.filename().string();
  flatten(config, "", run.fields);
  run.summary = directory.summary().value_or(Summary{});
  const Manifest manifest = directory.manifest();
  run.data_hash = manifest.data_hash;
  run.files = manifest.files;
  run.val_examples = manifest.val_examples;
  const fs::path metrics = directory.file("metrics.csv");
  if (is_there(metrics)) run.rows = parse_metrics_csv(read_file(metrics), metrics.string());
  return run;
}

/// Whether a part of the config that `path` lies in is a leaf (null) elsewhere.
bool is_below_a_leaf(const std::string& path,
                     const std::map<std::string, std::set<std::string>>& leaves) {
  for (size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1))
    if (leaves.contains(path.substr(0, dot))) return true;
  return false;
}

/// Paths whose value is not the same in all configurations, in order of first appearance.
std::vector<std::string> varying_paths(const std::vector<Configuration>& configurations) {
  std::vector<std::string> order;
  std::map<std::string, std::set<std::string>> values;
  std::map<std::string, size_t> seen;
  for (const Configuration& configuration : configurations) {
    for (const auto& [path, value] : configuration.runs.front().fields) {
      if (seen[path]++ == 0) order.push_back(path);
      values[path].insert(value);
    }
  }
  std::erase_if(order, [&](const std::string& path) {
    const bool is_same = values[path].size() == 1 && seen[path] == configurations.size();
    return is_same || is_below_a_leaf(path, values);
  });
  return order;
}

/// The deepest folder that holds all runs; of a lone run of a trial the trial's.
fs::path common_folder(const std::vector<StudyRun>& runs) {
  fs::path common = runs.front().folder;
  const bool in_trial = common.parent_path().filename().string().starts_with("trial-");
  if (runs.size() == 1) return in_trial ? common.parent_path() : common;
  const auto holds = [&](const StudyRun& run) {
    const fs::path inside = run.folder.lexically_relative(common);
    return !inside.empty() && *inside.begin() != "..";
  };
  while (common.has_relative_path() && !std::all_of(runs.begin(), runs.end(), holds))
    common = common.parent_path();
  return common;
}

/// Gives configurations whose runs share their folder with those of others the first run's.
void tell_apart(std::vector<Configuration>& configurations) {
  std::map<std::string, int> uses;
  for (const Configuration& configuration : configurations) ++uses[configuration.name];
  for (Configuration& configuration : configurations) {
    if (uses[configuration.name] > 1)
      configuration.name = configuration.runs.front().folder.string();
  }
}

/// Names of runs where they tell configurations apart, folders elsewhere.
void name_configurations(std::vector<Configuration>& configurations) {
  std::map<std::string, int> uses;
  for (const Configuration& configuration : configurations) {
    std::set<std::string> names;
    for (const StudyRun& run : configuration.runs) names.insert(run.name);
    for (const std::string& name : names) ++uses[name];
  }
  for (Configuration& configuration : configurations) {
    const auto& runs = configuration.runs;
    configuration.folder = common_folder(runs);
    const bool one_name = std::all_of(runs.begin(), runs.end(), [&](const StudyRun& run) {
      return run.name == runs.front().name;
    });
    const bool known = one_name && uses[runs.front().name] == 1;
    const std::string folder = configuration.folder.string();
    configuration.name = known ? runs.front().name : folder.empty() ? "." : folder;
  }
  tell_apart(configurations);
}

/// Why no runs can be looked for in `folder`.
std::vector<Problem> faults_of(const fs::path& folder) try {
  if (inspect(folder) == RunState::kAbsent) return {at_whole_file(folder, "no such folder")};
  return {};
} catch (const EnvironmentError& error) {
  return error.problems();
}

}  // namespace

std::vector<StudyRun> collect_runs(const std::vector<fs::path>& folders) {
  std::set<fs::path> found;
  std::vector<Problem> absent, empty;
  for (const fs::path& folder : folders) {
    const std::vector<Problem> faults = faults_of(folder);
    absent.insert(absent.end(), faults.begin(), faults.end());
    if (!faults.empty()) continue;
    const std::vector<fs::path> runs = find_folders(folder, {RunState::kRun});
    if (runs.empty()) empty.push_back(at_whole_file(folder, "no run directory at or below it"));
    for (const fs::path& run : runs)
      found.insert(fs::weakly_canonical(run).lexically_proximate(fs::current_path()));
  }
  if (!absent.empty()) throw EnvironmentError(std::move(absent));
  if (!empty.empty()) throw StoreError(std::move(empty));
  std::vector<StudyRun> runs;
  SweepPlans plans;
  for (const fs::path& folder : found) {
    runs.push_back(read_run(folder));
    runs.back().plan = plans.of(folder);
  }
  return runs;
}

Study group_runs(std::vector<StudyRun> runs) {
  std::map<std::vector<std::pair<std::string, std::string>>, size_t> places;
  Study study;
  for (StudyRun& run : runs) {
    const auto [place, fresh] = places.try_emplace(run.fields, study.configurations.size());
    if (fresh) study.configurations.emplace_back();
    study.configurations[place->second].runs.push_back(std::move(run));
  }
  study.varying = swept_paths(study.configurations);
  if (study.varying.empty()) study.varying = varying_paths(study.configurations);
  for (Configuration& configuration : study.configurations) {
    std::stable_sort(
        configuration.runs.begin(), configuration.runs.end(),
        [](const StudyRun& a, const StudyRun& b) { return a.summary.seed < b.summary.seed; });
    for (const std::string& path : study.varying)
      configuration.values.push_back(text_at(configuration.runs.front().fields, path).value_or(""));
  }
  shorten_values(study);
  name_configurations(study.configurations);
  return study;
}

}  // namespace nnrun
