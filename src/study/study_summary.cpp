#include "study/study_summary.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "nnrun/files.h"
#include "nnrun/train.h"
#include "store/own_files.h"
#include "store/seal.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kStatuses[] = {"done", "diverged", "failed", "stopped", "running", "missing"};

/// Smaller is better; what is not finite comes last.
double cost(const TrialRow& row, const StudyGoal& goal) {
  const double value = value_of(*row.summary->last, goal.metric);
  if (!std::isfinite(value)) return INFINITY;
  return goal.maximize ? -value : value;
}

Json describe(const TrialRow& row, const StudyGoal& goal) {
  return {{"trial", row.trial->number},
          {"seed", row.trial->seed},
          {"folder", row.trial->folder},
          {"value", value_of(*row.summary->last, goal.metric)}};
}

}  // namespace

const TrialRow* best_trial(const std::vector<TrialRow>& rows, const StudyGoal& goal) {
  const TrialRow* best = nullptr;
  for (const auto& row : rows) {
    if (row.status != "done" || !row.summary || !row.summary->last) continue;
    if (best == nullptr || cost(row, goal) < cost(*best, goal)) best = &row;
  }
  return best;
}

int64_t count_status(const std::vector<TrialRow>& rows, const std::string& status) {
  return std::count_if(rows.begin(), rows.end(), [&](const TrialRow& row) {
    return (row.status.empty() ? "missing" : row.status) == status;
  });
}

std::string study_summary(const std::vector<TrialRow>& rows, const StudyGoal& goal,
                          const std::string& status, const StudyFiles& files) {
  Json json{{"status", status}, {"trials", rows.size()}};
  for (const char* name : kStatuses) json[name] = count_status(rows, name);
  const TrialRow* best = best_trial(rows, goal);
  json["metric"] = name_of(goal.metric);
  json["best"] = best == nullptr ? Json() : describe(*best, goal);
  json["seconds"] =
      std::accumulate(rows.begin(), rows.end(), 0.0, [](double sum, const TrialRow& row) {
        return sum + (row.summary ? row.summary->seconds : 0);
      });
  json[kConfigHash] = sha256(files.config);
  json[kTableHash] = sha256(files.table);
  return sealed_json(json);
}

}  // namespace nnrun
