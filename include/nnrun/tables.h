#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nnrun/config.h"
#include "nnrun/statistics.h"
#include "nnrun/store.h"

/// Run directories as a study: collected, grouped by configuration, tabulated, compared.
namespace nnrun {

/// A run directory that was read. `fields`: its resolved config as (path, JSON text), layers by
/// name.
struct StudyRun {
  std::filesystem::path folder;
  Summary summary;
  std::vector<EpochRecord> rows;
  std::string data_hash;
  std::string name;
  std::vector<std::pair<std::string, std::string>> fields;  ///< {"model.layers.C1.filters", "90"}
};

/// Every run at or below the given folders, sorted by path, each once. Throws EnvironmentError (no
/// such folder) or StoreError (a folder without any run).
std::vector<StudyRun> collect_runs(const std::vector<std::filesystem::path>& folders);

/// Runs that differ in nothing but seed, name, description and tags.
struct Configuration {
  std::string name;                 ///< of its runs; the folder's when names differ
  std::vector<std::string> values;  ///< JSON texts in the order of Study::varying; "" where absent
  std::vector<StudyRun> runs;       ///< by seed
};

/// All configurations and the paths in which they differ, in order of the config.
struct Study {
  std::vector<std::string> varying;
  std::vector<Configuration> configurations;
};
Study group_runs(std::vector<StudyRun> runs);

/// The value a run ended with; NaN where there is none.
double final_value(const StudyRun& run, Metric metric);

/// Mean and spread of the last `epochs` rows of one run: what a lone last value hides.
MeanEstimate tail_of(const StudyRun& run, Metric metric, int64_t epochs);

/// What `nnrun table` was asked for.
struct TableOptions {
  Metric metric = Metric::kValAccuracy;  ///< ranks and ties
  std::vector<std::string> columns;      ///< further config paths or metric names
  std::string sort;                      ///< column; "" by rank
  bool descending = false;
  std::vector<std::string> filters;  ///< PATH=VALUE: configurations whose field has this value
};

/// Cells as they are shown, with the numbers behind them for CSV and JSON.
struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>>
      rows;                        ///< JSON texts (numbers, strings, null), one per header entry
  std::vector<std::string> notes;  ///< warnings and explanations, one line each
};

/// One row per configuration: varying paths, runs, mean, sd, interval, the spread over the last 50
/// epochs of single runs, tie group, parameters, seconds. Throws ConfigError for a column, sort key
/// or filter that does not exist.
Table make_table(const Study& study, const TableOptions& options);

enum class TableStyle { kAligned, kCsv, kJson, kMarkdown };
std::string render(const Table& table, TableStyle style);

/// Two configurations over their shared seeds.
struct Comparison {
  std::string sentence;  ///< the answer, one line
  bool told = false;     ///< false: "cannot tell"
  std::vector<int64_t> seeds;
  PairedComparison paired;
  std::optional<double> mcnemar;  ///< over test items, of the shared seed of single runs
};

/// Items of one test set that only one of two models got right.
struct Disagreement {
  int64_t only_a = 0, only_b = 0;
};

/// Compares `metric` of A and B. `disagreement` is used when they share one seed alone.
Comparison compare(const std::string& name_a, const std::vector<StudyRun>& a,
                   const std::string& name_b, const std::vector<StudyRun>& b, Metric metric,
                   const std::optional<Disagreement>& disagreement);

}  // namespace nnrun
