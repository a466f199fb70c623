#include "study/study_summary.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "nnrun/files.h"
#include "nnrun/train.h"
#include "store/own_files.h"
#include "store/seal.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kStatuses[] = {"done", "diverged", "failed", "stopped", "running", "missing"};

/// Smaller is better; what is not finite comes last.
double cost(double value, const StudyGoal& goal) {
  if (!std::isfinite(value)) return INFINITY;
  return goal.maximize ? -value : value;
}

using Seeds = std::span<const TrialRow>;  ///< the rows of one trial

/// The trial that `rows` begin with.
Seeds first_trial(Seeds rows) {
  const auto next = std::ranges::find_if(
      rows, [&](const TrialRow& row) { return row.trial->number != rows.front().trial->number; });
  return {rows.begin(), next};
}

bool is_done(const TrialRow& row) {
  return row.status == "done" && row.summary && row.summary->last;
}

BestTrial rated(Seeds seeds, const StudyGoal& goal) {
  BestTrial trial;
  const auto value = [&](const TrialRow& row) { return value_of(*row.summary->last, goal.metric); };
  const auto seed_cost = [&](const TrialRow& row) { return cost(value(row), goal); };
  trial.row = &*std::ranges::min_element(seeds, {}, seed_cost);
  double sum = 0;
  for (const TrialRow& row : seeds) sum += value(row);
  trial.mean = sum / static_cast<double>(seeds.size());
  return trial;
}

Json describe(const BestTrial& best) {
  const Trial& trial = *best.row->trial;
  return {{"trial", trial.number},
          {"seed", trial.seed},
          {"folder", trial.folder},
          {"value", best.mean}};
}

}  // namespace

std::optional<BestTrial> best_trial(const std::vector<TrialRow>& rows, const StudyGoal& goal) {
  std::optional<BestTrial> best;
  for (Seeds left = rows; !left.empty();) {
    const Seeds seeds = first_trial(left);
    left = left.subspan(seeds.size());
    if (!std::ranges::all_of(seeds, is_done)) continue;
    const BestTrial trial = rated(seeds, goal);
    if (!best || cost(trial.mean, goal) < cost(best->mean, goal)) best = trial;
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
  const auto best = best_trial(rows, goal);
  json["metric"] = name_of(goal.metric);
  json["best"] = best ? describe(*best) : Json();
  json["seconds"] =
      std::accumulate(rows.begin(), rows.end(), 0.0, [](double sum, const TrialRow& row) {
        return sum + (row.summary ? row.summary->seconds : 0);
      });
  json[kConfigHash] = sha256(files.config);
  json[kTableHash] = sha256(files.table);
  return sealed_json(json);
}

}  // namespace nnrun
