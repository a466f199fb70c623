#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "nnrun/error.h"
#include "nnrun/files.h"
#include "nnrun/tables.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Top-level keys that do not change what is trained.
const std::set<std::string> kLabels{"name",    "description", "tags", "seed",
                                    "repeats", "extends",     "sweep"};

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
  const Json config = Json::parse(directory.config_json(), nullptr, /*allow_exceptions=*/false);
  if (!config.is_object()) throw StoreError(folder.string() + ": config.json is damaged");
  run.name = config.value("name", folder.filename().string());
  flatten(config, "", run.fields);
  run.summary = directory.summary().value_or(Summary{});
  run.data_hash = directory.manifest().data_hash;
  const fs::path metrics = directory.file("metrics.csv");
  if (fs::exists(metrics)) run.rows = parse_metrics_csv(read_file(metrics), metrics.string());
  return run;
}

/// Run directories at or below `folder`; links to folders are not followed.
void find_runs(const fs::path& folder, std::set<fs::path>& found) {
  if (inspect(folder) == RunState::kRun) {
    found.insert(fs::weakly_canonical(folder).lexically_proximate(fs::current_path()));
    return;
  }
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(folder, unreadable)) {
    if (entry.is_directory() && !entry.is_symlink()) find_runs(entry.path(), found);
  }
}

const std::string* field_of(const StudyRun& run, const std::string& path) {
  for (const auto& [key, value] : run.fields) {
    if (key == path) return &value;
  }
  return nullptr;
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
    return values[path].size() == 1 && seen[path] == configurations.size();
  });
  return order;
}

std::string common_name(const std::vector<StudyRun>& runs) {
  for (const StudyRun& run : runs) {
    if (run.name != runs.front().name) return runs.front().folder.string();
  }
  return runs.front().name;
}

}  // namespace

std::vector<StudyRun> collect_runs(const std::vector<fs::path>& folders) {
  std::set<fs::path> found;
  for (const fs::path& folder : folders) {
    if (!fs::is_directory(folder)) throw EnvironmentError(folder.string() + ": no such folder");
    const size_t before = found.size();
    find_runs(folder, found);
    if (found.size() == before)
      throw StoreError(folder.string() + ": no run directory at or below it");
  }
  std::vector<StudyRun> runs;
  for (const fs::path& folder : found) runs.push_back(read_run(folder));
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
  study.varying = varying_paths(study.configurations);
  for (Configuration& configuration : study.configurations) {
    std::stable_sort(
        configuration.runs.begin(), configuration.runs.end(),
        [](const StudyRun& a, const StudyRun& b) { return a.summary.seed < b.summary.seed; });
    configuration.name = common_name(configuration.runs);
    for (const std::string& path : study.varying) {
      const std::string* value = field_of(configuration.runs.front(), path);
      configuration.values.push_back(value == nullptr ? "" : *value);
    }
  }
  return study;
}

}  // namespace nnrun
