#pragma once

#include <optional>
#include <string>
#include <vector>

#include "study/sweep_table.h"

namespace nnrun {

/// What a sweep looks for.
struct StudyGoal {
  Metric metric = Metric::kValAccuracy;
  bool maximize = true;
};

/// A trial by the mean of the goal's metric over its seeds, of their last values.
struct BestTrial {
  const TrialRow* row = nullptr;  ///< its best seed
  double mean = 0;
};

/// The best of the trials whose seeds are all done, ties by order. `rows`: one per trial and seed,
/// sorted.
std::optional<BestTrial> best_trial(const std::vector<TrialRow>& rows, const StudyGoal& goal);

/// Trials by status; one that has left nothing yet is "missing".
int64_t count_status(const std::vector<TrialRow>& rows, const std::string& status);

/// The parent's other files, for `verify`.
struct StudyFiles {
  std::string config, table;  ///< content of config.json and sweep.csv
};

/// Content of a parent's summary.json.
std::string study_summary(const std::vector<TrialRow>& rows, const StudyGoal& goal,
                          const std::string& status, const StudyFiles& files);

}  // namespace nnrun
