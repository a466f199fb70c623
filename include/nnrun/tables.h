#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nnrun/config.h"
#include "nnrun/statistics.h"
#include "nnrun/store.h"

/// Run directories as a study: collected, grouped by configuration, tabulated, compared.
namespace nnrun {

/// In the order in which they are offered.
inline constexpr std::array kMetrics{Metric::kValAccuracy, Metric::kValLoss, Metric::kAccuracy,
                                     Metric::kLoss};

/// The last epochs whose mean stands for a lone run.
inline constexpr int64_t kTailEpochs = 50;

/// A swept path and its values as the sweep has them (JSON texts); none where they are drawn.
struct SweptAxis {
  std::string path;
  std::vector<std::string> values;
};

/// The sweep that a run is a trial of.
struct SweepPlan {
  std::vector<SweptAxis> axes;
  std::optional<Metric> goal;
};

/// A run directory that was read. `fields`: its resolved config as (path, JSON text), layers by
/// name.
struct StudyRun {
  std::filesystem::path folder;
  Summary summary;
  std::vector<EpochRecord> rows;
  std::string data_hash;
  std::vector<DataFile> files;  ///< data and initial weights
  std::string name;
  std::vector<std::pair<std::string, std::string>> fields;  ///< {"model.layers.C1.filters", "90"}
  std::vector<std::pair<std::string, std::string>> labels;  ///< likewise: name, seed, tags, …
  int64_t val_examples = 0;               ///< that val_accuracy counts; 0: not known
  std::shared_ptr<const SweepPlan> plan;  ///< one object for all trials of a sweep; null: of none
};

/// Every run at or below the given folders, sorted by path, each once. Throws EnvironmentError (no
/// such folder) or StoreError (a folder without any run).
std::vector<StudyRun> collect_runs(const std::vector<std::filesystem::path>& folders);

/// Runs that differ in nothing but seed, name, description and tags.
struct Configuration {
  /// Of its runs; where that does not tell it apart `folder`, or else the folder of its first run.
  std::string name;
  std::filesystem::path folder;     ///< of all its runs: "runs/s/trial-0003", "runs/s"
  std::vector<std::string> values;  ///< JSON texts in the order of Study::varying; "" where absent
  std::vector<StudyRun> runs;       ///< by seed
};

/// All configurations and the paths in which they differ: of one sweep its own, in its order,
/// without what changed along with them; else all, in order of the config. Where one configuration
/// has null and another an object, that is one path.
struct Study {
  std::vector<std::string> varying;
  std::vector<Configuration> configurations;
};
Study group_runs(std::vector<StudyRun> runs);

/// Its loss is no number, and what its weights guess is no accuracy.
bool has_diverged(const StudyRun& run);

/// No epochs are to come: neither running nor stopped.
bool is_at_its_end(const StudyRun& run);

/// It ends with the weights of its best epoch; its values are those of the last one.
bool restores_best(const StudyRun& run);

/// The value a run ended with; NaN where there is none, and of a run that diverged.
double final_value(const StudyRun& run, Metric metric);

/// Mean and spread of the last `epochs` rows of one run: what a lone last value hides.
MeanEstimate tail_of(const StudyRun& run, Metric metric, int64_t epochs);

/// Exact 95 % interval of a lone run's last val_accuracy over the items it was validated on; empty
/// for several runs, other metrics and where the number of items is not known. It is about this one
/// trained model, not about other seeds.
std::optional<Interval> item_interval(const Configuration& configuration, Metric metric);

/// split_variance of a study whose varying paths span a full, balanced grid; lines without degrees
/// of freedom are left out. Empty when there is no such grid, when a run is not at its end, or when
/// there is nothing to split (one path, one run each).
std::vector<VarianceShare> split_grid(const Study& study, Metric metric);

/// What `nnrun table` was asked for.
struct TableOptions {
  Metric metric = Metric::kValAccuracy;  ///< ranks and ties
  std::vector<std::string> columns;      ///< further config paths or columns of the summary
  std::string sort;                      ///< column, shown or not; "" by rank
  bool descending = false;
  std::vector<std::string> filters;  ///< COLUMN=VALUE: configurations with this value
  bool hints = true;                 ///< notes of what else could be asked for
};

/// The same rows twice: whole numbers, one per column, for CSV and JSON; short texts for people.
struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>>
      rows;  ///< JSON texts (numbers, strings, null), one per header entry
  std::vector<std::string> shown_header;
  std::vector<std::vector<std::string>> shown_rows;  ///< "0.4855 ± 0.0022"; "" for nothing
  Metric metric = Metric::kValAccuracy;
  std::vector<VarianceShare> variance;  ///< of the metric over a grid; may be empty
  std::vector<std::string> notes;       ///< warnings and explanations, one line each
};

/// One row per configuration: varying paths, runs, mean, sd, interval; of single runs the interval
/// over their items and the spread over the last 50 epochs; tie group, parameters, seconds. What
/// people see leaves out columns that say nothing. Throws ConfigError for a column, sort key or
/// filter that does not exist.
Table make_table(const Study& study, const TableOptions& options);

enum class TableStyle { kAligned, kCsv, kJson, kMarkdown };
std::string render(const Table& table, TableStyle style);

/// Two configurations over their shared seeds.
struct Comparison {
  std::string sentence;  ///< the answer, one line
  bool told = false;     ///< false: "cannot tell"
  std::vector<int64_t> seeds;
  PairedComparison paired;
  std::optional<double> mcnemar;  ///< over test items, of single runs
};

/// Whether test items can tell A from B: one run each, on the same data, and a metric that counts
/// items. What a diverged model gets right counts for nothing.
bool are_judged_by_items(const std::vector<StudyRun>& a, const std::vector<StudyRun>& b,
                         Metric metric);

/// Items of one test set that only one of two models got right.
struct Disagreement {
  int64_t only_a = 0, only_b = 0;
};

/// Compares `metric` of A and B. `disagreement` decides when they share fewer than two seeds.
Comparison compare(const std::string& name_a, const std::vector<StudyRun>& a,
                   const std::string& name_b, const std::vector<StudyRun>& b, Metric metric,
                   const std::optional<Disagreement>& disagreement);

}  // namespace nnrun
