#pragma once

#include <filesystem>
#include <map>
#include <memory>

#include "nnrun/tables.h"

namespace nnrun {

/// The sweeps that runs are trials of, each read once from the config of its parent folder.
class SweepPlans {
 public:
  /// Null where the run is of no sweep.
  std::shared_ptr<const SweepPlan> of(const std::filesystem::path& run);

 private:
  std::map<std::filesystem::path, std::shared_ptr<const SweepPlan>> known_;
};

/// The paths that a sweep of all the runs varies, in its order; empty where the runs are not all of
/// one sweep, or where these paths do not tell the configurations apart.
std::vector<std::string> swept_paths(const std::vector<Configuration>& configurations);

/// What the sweep of all the runs looks for; nullopt where they are not all of one.
std::optional<Metric> goal_of_sweep(const std::vector<Configuration>& configurations);

/// Objects among the values as the sweep has them, {"patience":1}, without the defaults that came
/// with them, where that tells them apart.
void shorten_values(Study& study);

}  // namespace nnrun
