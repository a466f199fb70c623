#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "nnrun/error.h"
#include "nnrun/format.h"
#include "nnrun/tables.h"
#include "nnrun/train.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kTailEpochs = 50;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// A number as JSON text; null where there is none.
std::string number(double value) { return std::isfinite(value) ? shortest(value) : "null"; }
std::string text(const std::string& value) { return Json(value).dump(); }

/// One configuration with everything its row may show.
struct Line {
  const Configuration* configuration;
  MeanEstimate estimate;
  int64_t group = 0;
};

std::vector<double> final_values(const Configuration& configuration, Metric metric) {
  std::vector<double> values;
  for (const StudyRun& run : configuration.runs) values.push_back(final_value(run, metric));
  return values;
}

double mean_seconds(const Configuration& configuration) {
  double sum = 0;
  for (const StudyRun& run : configuration.runs) sum += run.summary.seconds;
  return sum / static_cast<double>(configuration.runs.size());
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

struct Column {
  std::string name;
  std::function<std::string(const Line&)> cell;  ///< JSON text
};

Column tail_column(const std::string& name, Metric metric, bool spread) {
  return {name, [metric, spread](const Line& line) {
            if (line.configuration->runs.size() != 1) return std::string("null");
            const MeanEstimate tail =
                tail_of(line.configuration->runs.front(), metric, kTailEpochs);
            return number(spread ? tail.sd.value_or(kNone) : tail.mean);
          }};
}

std::vector<Column> standard_columns(Metric metric) {
  const std::string name(name_of(metric));
  const auto bound = [](const Line& line, double Interval::*side) {
    return number(line.estimate.interval ? (*line.estimate.interval).*side : kNone);
  };
  return {{"ties", [](const Line& line) { return std::to_string(line.group + 1); }},
          {"runs", [](const Line& line) { return std::to_string(line.estimate.n); }},
          {"status", [](const Line& line) { return text(status_of(*line.configuration)); }},
          {name, [](const Line& line) { return number(line.estimate.mean); }},
          {"sd", [](const Line& line) { return number(line.estimate.sd.value_or(kNone)); }},
          {"low", [bound](const Line& line) { return bound(line, &Interval::low); }},
          {"high", [bound](const Line& line) { return bound(line, &Interval::high); }},
          tail_column("last50_mean", metric, /*spread=*/false),
          tail_column("last50_sd", metric, /*spread=*/true),
          {"parameters",
           [](const Line& line) {
             return std::to_string(line.configuration->runs.front().summary.parameters);
           }},
          {"seconds", [](const Line& line) { return number(mean_seconds(*line.configuration)); }}};
}

/// A config path or metric that the user named.
Column asked_column(const Study& study, const std::string& name) {
  for (const Metric metric :
       {Metric::kValLoss, Metric::kValAccuracy, Metric::kLoss, Metric::kAccuracy}) {
    if (name != name_of(metric)) continue;
    return {name, [metric](const Line& line) {
              return number(estimate_mean(final_values(*line.configuration, metric)).mean);
            }};
  }
  std::vector<std::string> known;
  for (const Configuration& configuration : study.configurations) {
    for (const auto& [path, value] : configuration.runs.front().fields) known.push_back(path);
  }
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    Problem problem;
    problem.option = name;
    problem.message = "no run has this column (expected a config path or a metric)";
    problem.suggestion = nearest(name, known);
    throw ConfigError(std::vector<Problem>{problem});
  }
  return {name, [name](const Line& line) {
            for (const auto& [path, value] : line.configuration->runs.front().fields) {
              if (path == name) return value;
            }
            return std::string("null");
          }};
}

std::vector<Column> columns_of(const Study& study, const TableOptions& options) {
  std::vector<Column> columns{
      {"configuration", [](const Line& line) { return text(line.configuration->name); }}};
  for (const std::string& path : study.varying) columns.push_back(asked_column(study, path));
  for (Column& column : standard_columns(options.metric)) columns.push_back(std::move(column));
  for (const std::string& name : options.columns) columns.push_back(asked_column(study, name));
  return columns;
}

std::vector<Line> ranked(const std::vector<const Configuration*>& configurations, Metric metric) {
  const bool maximize = !lower_is_better(metric);
  std::vector<Group> groups;
  std::vector<Line> lines;
  for (const Configuration* configuration : configurations) {
    Group group{{}, final_values(*configuration, metric)};
    for (const StudyRun& run : configuration->runs) group.seeds.push_back(run.summary.seed);
    lines.push_back({configuration, estimate_mean(group.values), 0});
    groups.push_back(std::move(group));
  }
  const std::vector<int64_t> ties = tie_groups(groups, maximize);
  for (size_t i = 0; i < lines.size(); ++i) lines[i].group = ties[i];
  const auto key = [&](const Line& line) {
    const double mean = line.estimate.mean;
    return std::pair(line.group, std::isnan(mean) ? HUGE_VAL : maximize ? -mean : mean);
  };
  std::stable_sort(lines.begin(), lines.end(),
                   [&](const Line& a, const Line& b) { return key(a) < key(b); });
  return lines;
}

/// Configurations whose fields have the values of every `PATH=VALUE`.
std::vector<const Configuration*> filtered(const Study& study,
                                           const std::vector<std::string>& filters) {
  std::vector<const Configuration*> kept;
  for (const Configuration& configuration : study.configurations) {
    const bool fits = std::all_of(filters.begin(), filters.end(), [&](const std::string& filter) {
      const size_t equals = filter.find('=');
      if (equals == std::string::npos)
        throw ConfigError("--filter " + filter + ": expected PATH=VALUE");
      const std::string wanted = filter.substr(equals + 1);
      const std::string value =
          asked_column(study, filter.substr(0, equals)).cell({&configuration, {}, 0});
      return value == wanted || value == text(wanted);
    });
    if (fits) kept.push_back(&configuration);
  }
  return kept;
}

void sort_rows(Table& table, const TableOptions& options) {
  if (options.sort.empty()) return;
  const auto found = std::find(table.header.begin(), table.header.end(), options.sort);
  if (found == table.header.end()) {
    Problem problem;
    problem.option = "--sort " + options.sort;
    problem.message = "no such column";
    problem.suggestion = nearest(options.sort, table.header);
    throw ConfigError(std::vector<Problem>{problem});
  }
  const auto column = static_cast<size_t>(found - table.header.begin());
  std::stable_sort(table.rows.begin(), table.rows.end(), [&](const auto& a, const auto& b) {
    const Json x = Json::parse(a[column]), y = Json::parse(b[column]);
    if (x.is_null() || y.is_null()) return !x.is_null() && y.is_null();  // empty cells come last
    return options.descending ? y < x : x < y;
  });
}

bool has_validation_split(const Configuration& configuration) {
  for (const auto& [path, value] : configuration.runs.front().fields) {
    if (path == "data.validation_fraction") return value != "null";
  }
  return false;
}

std::vector<std::string> notes_of(const std::vector<Line>& lines, Metric metric) {
  std::vector<std::string> notes;
  const auto some = [&](auto&& test) { return std::any_of(lines.begin(), lines.end(), test); };
  const bool on_validation = metric == Metric::kValAccuracy || metric == Metric::kValLoss;
  if (lines.size() > 1) {
    notes.push_back(
        "ties: configurations of one number cannot be told apart at 95 % (paired t-tests, Holm)");
    if (some([](const Line& line) { return line.estimate.n < 2; })) {
      notes.push_back(
          "a configuration with one run has no interval and ties with all others: use repeats");
    }
    if (on_validation &&
        some([](const Line& line) { return !has_validation_split(*line.configuration); })) {
      notes.push_back(
          "warning: ranked on the test set, so the best value is too good; choose with "
          "data.validation_fraction");
    }
  }
  return notes;
}

}  // namespace

double final_value(const StudyRun& run, Metric metric) {
  return run.rows.empty() ? kNone : value_of(run.rows.back(), metric);
}

MeanEstimate tail_of(const StudyRun& run, Metric metric, int64_t epochs) {
  const auto count = std::min(static_cast<int64_t>(run.rows.size()), epochs);
  std::vector<double> values;
  for (auto row = run.rows.end() - count; row != run.rows.end(); ++row)
    values.push_back(value_of(*row, metric));
  return estimate_mean(values);
}

Table make_table(const Study& study, const TableOptions& options) {
  const std::vector<Line> lines = ranked(filtered(study, options.filters), options.metric);
  const std::vector<Column> columns = columns_of(study, options);
  Table table;
  for (const Column& column : columns) table.header.push_back(column.name);
  for (const Line& line : lines) {
    table.rows.emplace_back();
    for (const Column& column : columns) table.rows.back().push_back(column.cell(line));
  }
  sort_rows(table, options);
  table.notes = notes_of(lines, options.metric);
  return table;
}

}  // namespace nnrun
