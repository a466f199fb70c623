#include "study/table_columns.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "nnrun/error.h"
#include "nnrun/format.h"
#include "nnrun/train.h"
#include "study/fields.h"
#include "study/table_cells.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// JSON; counts stay integers.
std::string number(double value) {
  constexpr double kExact = 1e15;
  if (!std::isfinite(value)) return "null";
  const bool whole = std::abs(value) < kExact && value == std::floor(value);
  return whole ? std::to_string(static_cast<int64_t>(value)) : shortest(value);
}

std::string text(const std::string& value) {
  return Json(value).dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

/// Mean over a configuration's runs of what `of` takes from one; NaN when a run has none.
double mean_over_runs(const Line& line, const std::function<double(const StudyRun&)>& of) {
  std::vector<double> values;
  for (const StudyRun& run : line.configuration->runs) values.push_back(of(run));
  return estimate_mean(values).mean;
}

/// What a summary says of one run, by the name of its column.
struct SummaryColumn {
  std::string name;
  double (*of)(const StudyRun& run);
};

double member(const std::optional<EpochRecord>& record, double EpochRecord::*value) {
  return record ? (*record).*value : kNone;
}

const std::vector<SummaryColumn>& summary_columns() {
  using Run = StudyRun;
  using Row = EpochRecord;
  static const std::vector<SummaryColumn> columns{
      {"accuracy", [](const Run& run) { return final_value(run, Metric::kAccuracy); }},
      {"loss", [](const Run& run) { return final_value(run, Metric::kLoss); }},
      {"val_accuracy", [](const Run& run) { return final_value(run, Metric::kValAccuracy); }},
      {"val_loss", [](const Run& run) { return final_value(run, Metric::kValLoss); }},
      {"epochs", [](const Run& run) { return static_cast<double>(run.summary.epochs); }},
      {"best_epoch",
       [](const Run& run) {
         return run.summary.best ? static_cast<double>(run.summary.best->epoch) : kNone;
       }},
      {"best_val_accuracy",
       [](const Run& run) { return member(run.summary.best, &Row::val_accuracy); }},
      {"best_val_loss", [](const Run& run) { return member(run.summary.best, &Row::val_loss); }},
      {"test_accuracy",
       [](const Run& run) { return member(run.summary.test, &Row::val_accuracy); }},
      {"test_loss", [](const Run& run) { return member(run.summary.test, &Row::val_loss); }},
      {"parameters", [](const Run& run) { return static_cast<double>(run.summary.parameters); }},
      {"seconds", [](const Run& run) { return run.summary.seconds; }}};
  return columns;
}

Column mean_column(const SummaryColumn& column) {
  return {column.name,
          [of = column.of](const Line& line) { return number(mean_over_runs(line, of)); }};
}

Column summary_column(const std::string& name) {
  const auto& all = summary_columns();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const SummaryColumn& column) { return column.name == name; });
  return mean_column(*found);
}

std::string status_of(const Configuration& configuration) {
  std::string status;
  for (const StudyRun& run : configuration.runs) {
    if (status.find(run.summary.status) == std::string::npos) {
      status += (status.empty() ? "" : ", ") + run.summary.status;
    }
  }
  return status;
}

Column config_column(const std::string& path) {
  return {path,
          [path](const Line& line) {
            return text_at(line.configuration->runs.front().fields, path).value_or("null");
          },
          /*measured=*/false};
}

/// What is no number, over the runs: one value, or the list of different ones.
Column distinct_column(const std::string& name, const std::function<Json(const StudyRun&)>& of) {
  return {name,
          [of](const Line& line) {
            Json values = Json::array();
            for (const StudyRun& run : line.configuration->runs) {
              const Json value = of(run);
              if (std::find(values.begin(), values.end(), value) == values.end())
                values.push_back(value);
            }
            return values.size() == 1 ? values[0].dump() : values.dump();
          },
          /*measured=*/false};
}

/// Seed, name, tags.
Column label_column(const std::string& label) {
  return distinct_column(label, [label](const StudyRun& run) {
    return Json::parse(text_at(run.labels, label).value_or("null"));
  });
}

MeanEstimate tail(const Line& line, Metric metric) {
  const auto& runs = line.configuration->runs;
  return runs.size() == 1 ? tail_of(runs.front(), metric, kTailEpochs)
                          : MeanEstimate{0, kNone, {}, {}};
}

Column bound_column(const std::string& name, double Interval::*side,
                    const std::function<std::optional<Interval>(const Line&)>& interval) {
  return {name, [side, interval](const Line& line) {
            const auto both = interval(line);
            return number(both ? (*both).*side : kNone);
          }};
}

std::vector<Column> statistics_columns(Metric metric) {
  const auto seeds = [](const Line& line) { return line.estimate.interval; };
  const auto items = [metric](const Line& line) {
    return item_interval(*line.configuration, metric);
  };
  return {
      {"ties", [](const Line& line) { return std::to_string(line.group + 1); }},
      {"runs", [](const Line& line) { return std::to_string(line.estimate.n); }},
      {"status", [](const Line& line) { return text(status_of(*line.configuration)); }},
      {std::string(name_of(metric)), [](const Line& line) { return number(line.estimate.mean); }},
      {"sd", [](const Line& line) { return number(line.estimate.sd.value_or(kNone)); }},
      bound_column("low", &Interval::low, seeds),
      bound_column("high", &Interval::high, seeds),
      bound_column("items_low", &Interval::low, items),
      bound_column("items_high", &Interval::high, items),
      {"last50_mean", [metric](const Line& line) { return number(tail(line, metric).mean); }},
      {"last50_sd",
       [metric](const Line& line) { return number(tail(line, metric).sd.value_or(kNone)); }}};
}

bool has_test(const Study& study) {
  return std::any_of(study.configurations.begin(), study.configurations.end(),
                     [](const Configuration& configuration) {
                       return configuration.runs.front().summary.test.has_value();
                     });
}

std::vector<Column> standard_columns(const Study& study, Metric metric) {
  std::vector<Column> columns{
      {"configuration", [](const Line& line) { return text(line.configuration->name); }}};
  for (const std::string& path : study.varying) columns.push_back(config_column(path));
  for (Column& column : statistics_columns(metric)) columns.push_back(std::move(column));
  if (has_test(study)) columns.push_back(summary_column("test_accuracy"));
  columns.push_back(summary_column("parameters"));
  columns.push_back(summary_column("seconds"));
  return columns;
}

/// A path and the parts of the config that it lies in: optimizer.schedule of its type.
void add_parts(std::set<std::string>& paths, const std::string& path) {
  for (size_t end = path.size(); end != std::string::npos; end = path.rfind('.', end - 1))
    if (!paths.insert(path.substr(0, end)).second) return;
}

/// Every further column that may be named.
std::vector<Column> named_columns(const Study& study) {
  using Run = StudyRun;
  std::vector<Column> columns{
      {"folder", [](const Line& line) { return text(line.configuration->folder.string()); }}};
  for (const SummaryColumn& column : summary_columns()) columns.push_back(mean_column(column));
  columns.push_back(distinct_column("exact", [](const Run& run) { return run.summary.exact; }));
  columns.push_back(distinct_column("device", [](const Run& run) { return run.summary.device; }));
  columns.push_back(
      distinct_column("weights_sha256", [](const Run& run) { return run.summary.weights_sha256; }));
  std::set<std::string> paths, labels;
  for (const Configuration& configuration : study.configurations) {
    for (const auto& [path, value] : configuration.runs.front().fields) add_parts(paths, path);
    for (const auto& [label, value] : configuration.runs.front().labels) labels.insert(label);
  }
  for (const std::string& path : paths) columns.push_back(config_column(path));
  for (const std::string& label : labels) columns.push_back(label_column(label));
  return columns;
}

/// A setting that varies, as short as the study has it.
Column setting_column(const Study& study, size_t path) {
  return {short_name(study.varying[path]), [path](const Line& line) {
            const std::string& value = line.configuration->values[path];
            return value.empty() ? value : as_written(value);
          }};
}

Column readable_column(const Column& exact) {
  const auto show = !exact.measured           ? as_written
                    : exact.name == "seconds" ? readable_seconds
                                              : readable_number;
  return {short_name(exact.name),
          [cell = exact.cell, show](const Line& line) { return show(cell(line)); }};
}

}  // namespace

std::vector<Column> exact_columns(const Study& study, const TableOptions& options) {
  std::vector<Column> columns = standard_columns(study, options.metric);
  for (const std::string& name : options.columns) {
    Column asked = find_column(study, options, "--columns", name);
    const bool there = std::any_of(columns.begin(), columns.end(),
                                   [&](const Column& column) { return column.name == asked.name; });
    if (!there) columns.push_back(std::move(asked));
  }
  return columns;
}

bool is_asked_for(const TableOptions& options, const std::string& name) {
  return std::ranges::any_of(options.columns, [&](const std::string& asked) {
    return short_name(asked) == short_name(name);
  });
}

bool has_crowded_settings(const Study& study) {
  constexpr size_t kMostSettings = 8;  // more make lines that no terminal shows
  return study.varying.size() > kMostSettings;
}

std::vector<Column> shown_columns(const Study& study, const TableOptions& options) {
  const Metric metric = options.metric;
  const std::vector<Column> exact = exact_columns(study, options);
  const auto statistics = statistics_columns(metric);
  const auto begin = exact.begin() + 1 + static_cast<std::ptrdiff_t>(study.varying.size());
  std::vector<Column> columns{readable_column(exact.front())};
  for (size_t path = 0; path < study.varying.size(); ++path)
    if (!has_crowded_settings(study) || is_asked_for(options, study.varying[path]))
      columns.push_back(setting_column(study, path));
  columns.insert(
      columns.end(),
      {{"status", [](const Line& line) { return status_of(*line.configuration); }},
       {"runs", [](const Line& line) { return std::to_string(line.estimate.n); }},
       {std::string(name_of(metric)), [](const Line& line) { return spread(line.estimate); }},
       {"95 % interval", [](const Line& line) { return bounds(line.estimate.interval); }},
       {"95 % of items",
        [metric](const Line& line) { return bounds(item_interval(*line.configuration, metric)); }},
       {"last epochs (" + std::to_string(kTailEpochs) + " at most)",
        [metric](const Line& line) { return spread(tail(line, metric)); }},
       {"ties", [](const Line& line) { return std::to_string(line.group + 1); }}});
  std::transform(begin + static_cast<std::ptrdiff_t>(statistics.size()), exact.end(),
                 std::back_inserter(columns), readable_column);
  return columns;
}

Column find_column(const Study& study, const TableOptions& options, const std::string& option,
                   const std::string& name) {
  std::vector<Column> columns = standard_columns(study, options.metric);
  for (Column& column : named_columns(study)) columns.push_back(std::move(column));
  std::vector<std::string> known;
  for (const Column& column : columns) {
    if (column.name == name) return column;
    known.push_back(column.name);
  }
  for (const Column& column : columns)  // as the table's head has it
    if (short_name(column.name) == name) return column;
  Problem problem;
  problem.option = option + " " + escaped(name);
  problem.message = "no run has this column (expected a config path or a column of the table)";
  problem.suggestion = nearest(name, known);
  throw ConfigError(std::vector<Problem>{problem});
}

}  // namespace nnrun
