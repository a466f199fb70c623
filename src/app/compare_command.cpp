#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/metric_option.h"
#include "app/open_run.h"
#include "app/scores.h"
#include "app/shared_problems.h"
#include "nnrun/tables.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

/// One side: the runs of one configuration.
std::vector<StudyRun> runs_of(const std::string& path) {
  Study study = group_runs(collect_runs({path}));
  if (study.configurations.size() > 1) {
    Problem problem;
    problem.file = path;
    problem.message = "holds " + std::to_string(study.configurations.size()) +
                      " configurations (expected the runs of one, e.g. " + path + "/trial-0000)";
    throw ConfigError({problem});
  }
  return std::move(study.configurations.front().runs);
}

/// Per test item, whether the run's model gets it right.
std::vector<bool> hits(const StudyRun& run, const Options& options) {
  Options opened = options;
  opened.paths = {run.folder.string()};
  const OpenRun open = open_run(opened, Need::kTest);
  const Examples& test = open.material->dataset->test;
  const std::vector<float> probabilities = open.predict(test);
  const auto outputs = static_cast<int64_t>(probabilities.size() / test.labels.size());
  std::vector<bool> right;
  const float* row = probabilities.data();
  for (const int32_t label : test.labels) {
    right.push_back(predicted_class(row, outputs) == label);
    row += outputs;
  }
  return right;
}

/// The test items that two models disagree on, where these decide.
std::optional<Disagreement> disagreement(const std::vector<StudyRun>& a,
                                         const std::vector<StudyRun>& b, const Options& options) {
  if (!are_judged_by_items(a, b, metric_of(options))) return std::nullopt;
  const std::vector<bool> right_a = hits(a[0], options), right_b = hits(b[0], options);
  Disagreement items;
  for (size_t i = 0; i < right_a.size(); ++i) {
    items.only_a += right_a[i] && !right_b[i] ? 1 : 0;
    items.only_b += right_b[i] && !right_a[i] ? 1 : 0;
  }
  return items;
}

Json json_of(const Comparison& comparison) {
  const auto optional = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json();
  };
  const MeanEstimate& difference = comparison.paired.difference;
  Json interval;
  if (difference.interval) interval = {difference.interval->low, difference.interval->high};
  return {{"sentence", comparison.sentence},
          {"told", comparison.told},
          {"seeds", comparison.seeds},
          {"difference", comparison.seeds.empty() ? Json() : Json(difference.mean)},
          {"interval", interval},
          {"t_test", optional(comparison.paired.t_test)},
          {"sign_flip", optional(comparison.paired.sign_flip)},
          {"mcnemar", optional(comparison.mcnemar)}};
}

}  // namespace

int compare_command(const Options& options, Output& out) {
  std::vector<StudyRun> a, b;
  SharedProblems problems;
  problems.collect([&] { a = runs_of(options.paths[0]); });
  problems.collect([&] { b = runs_of(options.paths[1]); });
  problems.throw_if_any();
  const Comparison comparison = compare(options.paths[0], a, options.paths[1], b,
                                        metric_of(options), disagreement(a, b, options));
  if (options.json) {
    out.json(json_of(comparison));
  } else {
    out.line(comparison.sentence);
  }
  return 0;
}

}  // namespace nnrun
