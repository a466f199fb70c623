#include "report/study_json.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "nnrun/format.h"
#include "nnrun/train.h"
#include "report/effects_json.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

/// `make(metric)` of every metric, by name.
Json by_metric(const std::function<Json(Metric)>& make) {
  Json json = Json::object();
  for (const Metric metric : kMetrics) json[std::string(name_of(metric))] = make(metric);
  return json;
}

// ---- runs
// ----------------------------------------------------------------------------------------

/// Six digits are more than a curve shows.
Json for_curve(double value) {
  if (!std::isfinite(value)) return nullptr;
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return parse_double(text).value_or(value);
}

/// Every `stride`-th epoch and the last.
Json curves_json(const std::vector<EpochRecord>& rows, int64_t stride) {
  Json curves{{"epoch", Json::array()}};
  for (const Metric metric : kMetrics) curves[std::string(name_of(metric))] = Json::array();
  for (const EpochRecord& row : rows) {
    if (row.epoch % stride != 0 && &row != &rows.back()) continue;
    curves["epoch"].push_back(row.epoch);
    for (const Metric metric : kMetrics) {
      curves[std::string(name_of(metric))].push_back(for_curve(value_of(row, metric)));
    }
  }
  return curves;
}

Json record_json(const std::optional<EpochRecord>& record) {
  if (!record) return nullptr;
  Json json{{"epoch", record->epoch}};
  for (const Metric metric : kMetrics)
    json[std::string(name_of(metric))] = value_of(*record, metric);
  return json;
}

Json run_json(const StudyRun& run, size_t configuration, int64_t stride) {
  const Summary& summary = run.summary;
  return {{"folder", run.folder.string()},
          {"name", run.name},
          {"configuration", configuration},
          {"seed", summary.seed},
          {"status", summary.status},
          {"epochs", run.rows.size()},
          {"parameters", summary.parameters},
          {"seconds", summary.seconds},
          {"device", summary.device},
          {"exact", summary.exact},
          {"error", summary.error},
          {"last", run.rows.empty() ? Json() : record_json(run.rows.back())},
          {"best", record_json(summary.best)},
          {"test", record_json(summary.test)},
          {"curves", curves_json(run.rows, stride)}};
}

int64_t stride_of(const Study& study) {
  int64_t points = 0;
  for (const Configuration& configuration : study.configurations) {
    for (const StudyRun& run : configuration.runs) points += static_cast<int64_t>(run.rows.size());
  }
  return std::max<int64_t>(1, (points + kCurvePoints - 1) / kCurvePoints);
}

// ---- configurations
// ------------------------------------------------------------------------------

/// The tie group of every configuration.
std::vector<int64_t> groups_of(const Study& study, Metric metric) {
  std::vector<Group> groups;
  for (const Configuration& configuration : study.configurations) {
    Group group{{}, final_values(configuration, metric)};
    for (const StudyRun& run : configuration.runs) group.seeds.push_back(run.summary.seed);
    groups.push_back(std::move(group));
  }
  return tie_groups(groups, !lower_is_better(metric));
}

Json configuration_estimate(const Configuration& configuration, Metric metric, int64_t group) {
  Json json = estimate_json(estimate_mean(final_values(configuration, metric)));
  json["group"] = group + 1;
  const auto items = item_interval(configuration, metric);
  json["items_low"] = items ? Json(items->low) : Json();
  json["items_high"] = items ? Json(items->high) : Json();
  if (configuration.runs.size() == 1) {
    json["tail"] = estimate_json(tail_of(configuration.runs.front(), metric, kTailEpochs));
  }
  return json;
}

double mean_seconds(const Configuration& configuration) {
  double sum = 0;
  for (const StudyRun& run : configuration.runs) sum += run.summary.seconds;
  return sum / static_cast<double>(configuration.runs.size());
}

void add_configurations(Json& json, const Study& study) {
  std::map<Metric, std::vector<int64_t>> groups;
  for (const Metric metric : kMetrics) groups[metric] = groups_of(study, metric);
  const int64_t stride = stride_of(study);
  json["stride"] = stride;
  json["configurations"] = json["runs"] = Json::array();
  for (size_t i = 0; i < study.configurations.size(); ++i) {
    const Configuration& configuration = study.configurations[i];
    Json runs = Json::array(), values = Json::array();
    for (const StudyRun& run : configuration.runs) {
      runs.push_back(json["runs"].size());
      json["runs"].push_back(run_json(run, i, stride));
    }
    for (const std::string& value : configuration.values) values.push_back(value_json(value));
    json["configurations"].push_back({{"name", configuration.name},
                                      {"values", values},
                                      {"runs", runs},
                                      {"parameters", configuration.runs.front().summary.parameters},
                                      {"seconds", mean_seconds(configuration)},
                                      {"estimates", by_metric([&](Metric metric) {
                                         return configuration_estimate(configuration, metric,
                                                                       groups[metric][i]);
                                       })}});
  }
}

// ---- the whole ----------------------------------------------------------------------------------

/// What `nnrun table` would say below its table, but for its options.
Json notes_json(const Study& study, Metric metric) {
  TableOptions options;
  options.metric = metric;
  options.hints = false;
  return make_table(study, options).notes;
}

}  // namespace

std::vector<size_t> best_configurations(const Study& study, Metric metric) {
  std::vector<double> means;
  for (const Configuration& configuration : study.configurations)
    means.push_back(estimate_mean(final_values(configuration, metric)).mean);
  return best_first(means, !lower_is_better(metric));
}

Json study_json(const Study& study, Metric metric) {
  Json json{{"metric", name_of(metric)}, {"metrics", Json::array()}, {"varying", study.varying}};
  for (const Metric each : kMetrics) {
    json["metrics"].push_back(
        {{"name", name_of(each)}, {"lower_is_better", lower_is_better(each)}});
  }
  add_configurations(json, study);
  json["effects"] = by_metric([&](Metric each) { return effects_json(study, each); });
  json["variance"] = by_metric([&](Metric each) { return variance_json(study, each); });
  json["table_notes"] = by_metric([&](Metric each) { return notes_json(study, each); });
  return json;
}

}  // namespace nnrun
