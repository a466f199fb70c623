#include "report/effects_json.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

#include "nnrun/format.h"

namespace nnrun {

using Json = nlohmann::ordered_json;

std::vector<double> final_values(const Configuration& configuration, Metric metric) {
  std::vector<double> values;
  for (const StudyRun& run : configuration.runs) values.push_back(final_value(run, metric));
  return values;
}

Json estimate_json(const MeanEstimate& estimate) {
  Json json{{"n", estimate.n},
            {"mean", estimate.mean},
            {"sd", nullptr},
            {"low", nullptr},
            {"high", nullptr}};
  if (estimate.sd) json["sd"] = *estimate.sd;
  if (estimate.interval) {
    json["low"] = estimate.interval->low;
    json["high"] = estimate.interval->high;
  }
  return json;
}

Json value_json(const std::string& text) { return text.empty() ? Json() : Json::parse(text); }

namespace {

/// Values in the order in which people read them: numbers by size, then texts.
bool comes_before(const std::string& a, const std::string& b) {
  const auto x = parse_double(a), y = parse_double(b);
  if (x && y) return *x < *y;
  if (x || y) return x.has_value();
  return a < b;
}

/// The levels of a path, in reading order.
std::vector<std::string> levels_of(const Study& study, size_t path) {
  std::vector<std::string> levels;
  for (const Configuration& configuration : study.configurations) {
    levels.push_back(configuration.values[path]);
  }
  std::sort(levels.begin(), levels.end(), comes_before);
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return levels;
}

/// Mean of the metric over all runs at each level of a path.
Json effect_json(const Study& study, size_t path, Metric metric) {
  Json levels = Json::array();
  for (const std::string& level : levels_of(study, path)) {
    std::vector<double> values;
    for (const Configuration& configuration : study.configurations) {
      if (configuration.values[path] != level) continue;
      const std::vector<double> own = final_values(configuration, metric);
      std::copy_if(own.begin(), own.end(), std::back_inserter(values),
                   [](double value) { return std::isfinite(value); });
    }
    levels.push_back(estimate_json(estimate_mean(values)));
    levels.back()["value"] = value_json(level);
  }
  return levels;
}

}  // namespace

Json effects_json(const Study& study, Metric metric) {
  Json effects = Json::array();
  for (size_t path = 0; path < study.varying.size(); ++path) {
    effects.push_back(effect_json(study, path, metric));
  }
  return effects;
}

Json variance_json(const Study& study, Metric metric) {
  Json shares = Json::array();
  for (const VarianceShare& share : split_grid(study, metric)) {
    shares.push_back({{"source", share.source},
                      {"degrees", share.degrees},
                      {"sum_of_squares", share.sum_of_squares},
                      {"share", share.share},
                      {"p", share.p ? Json(*share.p) : Json()}});
  }
  return shares;
}

}  // namespace nnrun
