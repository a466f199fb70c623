#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "config/fields.h"

/// The sweep as it stands in the file: the content of a W&B sweep file with config paths as names.
/// sweep.cpp turns it into axes and a SweepConfig.
namespace nnrun {

struct ParameterFile {
  std::optional<JsonValue> value, min, max;
  std::optional<std::vector<JsonValue>> values;
  std::optional<Distribution> distribution;
  std::optional<double> q;
};

struct NamedParameter {
  std::string path;
  JsonPlace key_at, at;
  ParameterFile file;
};

struct MetricFile {
  Metric name = Metric::kValAccuracy;
  std::optional<Goal> goal;
};

struct HyperbandFile {
  EarlyTerminateType type = EarlyTerminateType::kHyperband;
  int64_t min_iter = 0;
  int64_t eta = 3;
};

struct SweepFile {
  SweepMethod method = SweepMethod::kGrid;
  std::vector<NamedParameter> parameters;
  MetricFile metric;
  std::optional<int64_t> run_cap;
  std::optional<HyperbandFile> early_terminate;
};

template <typename V, Of<ParameterFile> C>
void fields(V& visit, C& c) {
  visit("value", c.value, {.help = "the one value"});
  visit("values", c.values, {.min_items = 1, .nullable = false, .help = "values to try"});
  visit("min", c.min, {.form = Form::kNumber, .help = "smallest value"});
  visit("max", c.max, {.form = Form::kNumber, .help = "largest value"});
  visit("distribution", c.distribution,
        {.nullable = false, .help = "default: int_uniform between integers, else uniform"});
  visit("q", c.q, {.nullable = false, .help = "step of q_uniform; default 1"});
}

template <typename V, Of<MetricFile> C>
void fields(V& visit, C& c) {
  visit("name", c.name, {.help = "metric of the last epoch that ranks the trials"});
  visit("goal", c.goal,
        {.nullable = false, .help = "default: maximize accuracies, minimize losses"});
}

template <typename V, Of<HyperbandFile> C>
void fields(V& visit, C& c) {
  visit("type", c.type, {.required = true, .help = "synchronous successive halving"});
  visit("min_iter", c.min_iter, {.required = true, .help = "epochs before the first rung"});
  visit("eta", c.eta, {.help = "the best 1/eta go on"});
  visit.ignored("max_iter", "accepted for W&B");
  visit.ignored("s", "accepted for W&B");
}

template <typename V, Of<SweepFile> C>
void fields(V& visit, C& c) {
  visit("method", c.method, {.help = "grid: all combinations; random: run_cap draws"});
  visit(
      "parameters", c.parameters,
      {.required = true, .min_items = 1, .help = "config path -> values; the last varies fastest"});
  visit("metric", c.metric, {.help = "what is compared"});
  visit("run_cap", c.run_cap, {.help = "most trials; null: all"});
  visit("early_terminate", c.early_terminate, {.help = "null: all trials run to the end"});
  for (const char* key : {"program", "command", "project", "entity", "name", "description"}) {
    visit.ignored(key, "accepted for W&B");
  }
}

}  // namespace nnrun
