#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "nnrun/error.h"
#include "nnrun/tables.h"
#include "nnrun/train.h"
#include "study/fields.h"
#include "study/swept_axes.h"
#include "study/table_columns.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

std::vector<Line> lines_of(const std::vector<const Configuration*>& configurations, Metric metric) {
  std::vector<Group> groups;
  std::vector<Line> lines;
  for (const Configuration* configuration : configurations) {
    Group group;
    for (const StudyRun& run : configuration->runs) {
      group.seeds.push_back(run.summary.seed);
      group.values.push_back(final_value(run, metric));
    }
    lines.push_back({configuration, estimate_mean(group.values), 0});
    groups.push_back(std::move(group));
  }
  const std::vector<int64_t> ties = tie_groups(groups, /*maximize=*/!lower_is_better(metric));
  for (size_t i = 0; i < lines.size(); ++i) lines[i].group = ties[i];
  return lines;
}

void sort_by_rank(std::vector<Line>& lines, Metric metric) {
  std::vector<double> means;
  for (const Line& line : lines) means.push_back(line.estimate.mean);
  std::vector<Line> ranked;
  for (const size_t i : best_first(means, /*maximize=*/!lower_is_better(metric)))
    ranked.push_back(lines[i]);
  lines = std::move(ranked);
}

void sort_by_column(std::vector<Line>& lines, const Column& column, bool descending) {
  std::vector<std::pair<Json, Line>> keyed;
  for (const Line& line : lines) keyed.emplace_back(Json::parse(column.cell(line)), line);
  std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    if (a.first.is_null() || b.first.is_null())  // what has no value comes last
      return !a.first.is_null() && b.first.is_null();
    return descending ? b.first < a.first : a.first < b.first;
  });
  std::transform(keyed.begin(), keyed.end(), lines.begin(),
                 [](const auto& entry) { return entry.second; });
}

/// "0.10" is 0.1, and a text needs no quotes; of a list, one entry is enough, of an object the
/// parts named.
bool same_value(const std::string& cell, const std::string& wanted) {
  const Json value = Json::parse(cell);
  const Json number = Json::parse(wanted, nullptr, /*allow_exceptions=*/false), text(wanted);
  const auto is_wanted = [&](const Json& one) { return has_parts(one, number) || one == text; };
  return is_wanted(value) ||
         (value.is_array() && std::any_of(value.begin(), value.end(), is_wanted));
}

/// COLUMN=VALUE, cut at the first "=".
std::pair<std::string, std::string> parts_of_filter(const std::string& filter) {
  const size_t equals = filter.find('=');
  return {filter.substr(0, equals), filter.substr(equals + 1)};
}

void apply_filter(std::vector<Line>& lines, const Study& study, const TableOptions& options,
                  const std::string& filter) {
  const auto [name, wanted] = parts_of_filter(filter);
  const Column column = find_column(study, options, "--filter", name);
  std::erase_if(lines, [&, wanted = wanted](const Line& line) {
    return !same_value(column.cell(line), wanted);
  });
}

/// Throws ConfigError with all columns that are asked for but are not there.
void check_columns(const Study& study, const TableOptions& options) {
  std::vector<Problem> problems;
  const auto check = [&](const std::string& option, const std::string& name) {
    try {
      find_column(study, options, option, name);
    } catch (const ConfigError& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  };
  for (const std::string& name : options.columns) check("--columns", name);
  for (const std::string& filter : options.filters)
    check("--filter", parts_of_filter(filter).first);
  if (!options.sort.empty()) check("--sort", options.sort);
  if (!problems.empty()) throw ConfigError(problems);
}

/// The configurations that the filters leave, with the ties among them.
std::vector<Line> chosen_lines(const Study& study, const TableOptions& options) {
  std::vector<const Configuration*> configurations;
  for (const Configuration& configuration : study.configurations)
    configurations.push_back(&configuration);
  std::vector<Line> lines = lines_of(configurations, options.metric);
  if (options.filters.empty()) return lines;
  for (const std::string& filter : options.filters) apply_filter(lines, study, options, filter);
  configurations.clear();
  for (const Line& line : lines) configurations.push_back(line.configuration);
  return lines_of(configurations, options.metric);
}

bool has_validation_split(const Configuration& configuration) {
  for (const auto& [path, value] : configuration.runs.front().fields) {
    if (path == "data.validation_fraction") return value != "null";
  }
  return false;
}

/// Some are validated on other numbers of examples than others.
bool has_other_items(const std::vector<Line>& lines) {
  std::set<int64_t> counts;
  for (const Line& line : lines)
    for (const StudyRun& run : line.configuration->runs) counts.insert(run.val_examples);
  return counts.size() > 1;
}

/// The first file whose content is not the same in all runs; "": there is none.
std::string changed_file(const std::vector<Line>& lines) {
  std::map<std::string, std::string> hashes;
  for (const Line& line : lines) {
    for (const StudyRun& run : line.configuration->runs) {
      for (const DataFile& file : run.files) {
        if (hashes.try_emplace(file.path, file.sha256).first->second != file.sha256)
          return file.path;
      }
    }
  }
  return "";
}

/// Runs come sorted by seed.
bool repeats_a_seed(const Configuration& configuration) {
  const auto& runs = configuration.runs;
  return std::adjacent_find(runs.begin(), runs.end(), [](const StudyRun& a, const StudyRun& b) {
           return a.summary.seed == b.summary.seed;
         }) != runs.end();
}

std::vector<std::string> notes_of(const std::vector<Line>& lines, Metric metric) {
  std::vector<std::string> notes;
  const auto some = [&](auto&& test) { return std::any_of(lines.begin(), lines.end(), test); };
  const auto add = [&](bool applies, const std::string& note) {
    if (applies) notes.push_back(note);
  };
  const bool several = lines.size() > 1;
  const bool single = some([](const Line& line) { return line.estimate.n < 2; });
  const bool on_test =
      (metric == Metric::kValAccuracy || metric == Metric::kValLoss) &&
      some([](const Line& line) { return !has_validation_split(*line.configuration); });
  const std::string changed = changed_file(lines);
  const bool diverged = some(
      [](const Line& line) { return std::ranges::any_of(line.configuration->runs, has_diverged); });
  const bool unfinished = some([](const Line& line) {
    return !std::ranges::all_of(line.configuration->runs, is_at_its_end);
  });
  add(several,
      "ties: configurations of one number cannot be told apart from the best of them at 95 % "
      "(paired t-tests, corrected for all pairs)");
  add(several && single,
      "a single run says nothing about other seeds, so it ties with all others: use --repeats");
  add(single && metric == Metric::kValAccuracy,
      "95 % of items: exact binomial interval of a single run's accuracy over the items it was "
      "validated on");
  add(several && on_test,
      "warning: ranked on the test set, so the best value is too good; choose on data kept back "
      "from training instead: --set data.validation_fraction=0.1");
  add(some([](const Line& line) { return repeats_a_seed(*line.configuration); }),
      "warning: runs of one configuration and the same seed count more than once, so their "
      "interval is too narrow");
  add(several && has_other_items(lines),
      "warning: not all are validated on the same examples, so their values do not compare");
  add(!changed.empty(),
      "warning: " + changed + " is not the same in all runs, so their values do not compare");
  add(some([](const Line& line) { return restores_best(line.configuration->runs.front()); }),
      "restore_best: values are of the last epoch, the weights (and test_accuracy) of an earlier "
      "one: nnrun evaluate");
  add(diverged,
      "warning: some runs diverged; their configurations have no value, and those come last");
  add(unfinished, "warning: some runs are not at their end; theirs is the last value so far");
  return notes;
}

/// What else could be asked for. Of another metric only where the default one was taken.
std::vector<std::string> hints_of(const Study& study, Metric metric) {
  std::vector<std::string> hints;
  const auto goal = goal_of_sweep(study.configurations);
  if (goal && *goal != metric && metric == TableOptions{}.metric) {
    const std::string name(name_of(*goal));
    hints.push_back("the sweep itself is ranked by " + name + ": --metric " + name);
  }
  if (has_crowded_settings(study))
    hints.push_back(std::to_string(study.varying.size()) +
                    " settings differ: --columns NAME,… shows some, --csv all");
  return hints;
}

Study study_of(const std::vector<Line>& lines, const Study& whole) {
  Study study{whole.varying, {}};
  for (const Line& line : lines) study.configurations.push_back(*line.configuration);
  return study;
}

void fill(std::vector<std::string>& header, std::vector<std::vector<std::string>>& rows,
          const std::vector<Column>& columns, const std::vector<Line>& lines) {
  rows.resize(lines.size());
  for (const Column& column : columns) {
    header.push_back(column.name);
    for (size_t i = 0; i < lines.size(); ++i) rows[i].push_back(column.cell(lines[i]));
  }
}

/// Whether people want to see it: not empty, and no status or run count that is what one expects.
bool says_something(const Column& column, const std::vector<Line>& lines) {
  const std::string expected = column.name == "status" ? "done" : column.name == "runs" ? "1" : "";
  return std::any_of(lines.begin(), lines.end(),
                     [&](const Line& line) { return column.cell(line) != expected; });
}

}  // namespace

Table make_table(const Study& study, const TableOptions& options) {
  check_columns(study, options);
  std::vector<Line> lines = chosen_lines(study, options);
  const auto exact = exact_columns(study, options);
  if (options.sort.empty())
    sort_by_rank(lines, options.metric);
  else
    sort_by_column(lines, find_column(study, options, "--sort", options.sort), options.descending);

  const Study chosen = study_of(lines, study);
  auto shown = shown_columns(chosen, options);
  std::erase_if(shown, [&](const Column& column) {
    return !is_asked_for(options, column.name) && !says_something(column, lines);
  });
  Table table;
  table.metric = options.metric;
  fill(table.header, table.rows, exact, lines);
  fill(table.shown_header, table.shown_rows, shown, lines);
  table.variance = split_grid(chosen, options.metric);
  table.notes = notes_of(lines, options.metric);
  if (options.hints) {
    const auto hints = hints_of(chosen, options.metric);
    table.notes.insert(table.notes.end(), hints.begin(), hints.end());
  }
  return table;
}

}  // namespace nnrun
