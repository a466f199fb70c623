#include <algorithm>

#include "nnrun/tables.h"

namespace nnrun {
namespace {

/// The place of each configuration's value of path `i` among the values of that path.
std::vector<int64_t> levels_of(const Study& study, size_t path) {
  std::vector<std::string> values;
  std::vector<int64_t> levels;
  for (const Configuration& configuration : study.configurations) {
    const std::string& value = configuration.values[path];
    const auto found = std::find(values.begin(), values.end(), value);
    levels.push_back(found - values.begin());
    if (found == values.end()) values.push_back(value);
  }
  return levels;
}

std::vector<GridValue> grid_values(const Study& study, const std::vector<size_t>& paths,
                                   Metric metric) {
  std::vector<std::vector<int64_t>> levels;
  for (const size_t path : paths) levels.push_back(levels_of(study, path));
  std::vector<GridValue> values;
  for (size_t c = 0; c < study.configurations.size(); ++c) {
    for (const StudyRun& run : study.configurations[c].runs) {
      GridValue value{{}, final_value(run, metric)};
      for (const auto& of_path : levels) value.levels.push_back(of_path[c]);
      values.push_back(std::move(value));
    }
  }
  return values;
}

/// Paths that still vary among the study's configurations: filters may have fixed some.
std::vector<size_t> varying_paths(const Study& study) {
  std::vector<size_t> paths;
  for (size_t path = 0; path < study.varying.size(); ++path) {
    const std::vector<int64_t> levels = levels_of(study, path);
    if (std::any_of(levels.begin(), levels.end(), [](int64_t level) { return level > 0; }))
      paths.push_back(path);
  }
  return paths;
}

/// Otherwise runs differ in their epochs too, which is no path of the study.
bool all_at_their_end(const Study& study) {
  return std::ranges::all_of(study.configurations, [](const Configuration& configuration) {
    return std::ranges::all_of(configuration.runs, is_at_its_end);
  });
}

}  // namespace

std::vector<VarianceShare> split_grid(const Study& study, Metric metric) {
  if (!all_at_their_end(study)) return {};
  const std::vector<size_t> paths = varying_paths(study);
  std::vector<std::string> factors;
  for (const size_t path : paths) factors.push_back(study.varying[path]);
  if (factors.empty()) return {};
  auto shares = split_variance(factors, grid_values(study, paths, metric));
  std::erase_if(shares, [](const VarianceShare& share) { return share.degrees == 0; });
  return shares.size() > 1 ? shares : std::vector<VarianceShare>{};
}

}  // namespace nnrun
