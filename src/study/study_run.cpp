#include <algorithm>
#include <cmath>

#include "nnrun/tables.h"
#include "nnrun/train.h"
#include "study/fields.h"

// What is known of one run.
namespace nnrun {

bool has_diverged(const StudyRun& run) { return run.summary.status == "diverged"; }

bool is_at_its_end(const StudyRun& run) {
  return run.summary.status == "done" || has_diverged(run);
}

bool restores_best(const StudyRun& run) {
  return text_at(run.fields, "training.early_stopping.restore_best") == "true";
}

double final_value(const StudyRun& run, Metric metric) {
  const bool none = run.rows.empty() || has_diverged(run);
  return none ? std::nan("") : value_of(run.rows.back(), metric);
}

MeanEstimate tail_of(const StudyRun& run, Metric metric, int64_t epochs) {
  const int64_t rows = has_diverged(run) ? 0 : static_cast<int64_t>(run.rows.size());
  const int64_t count = std::min(rows, epochs);
  std::vector<double> values;
  for (auto row = run.rows.end() - count; row != run.rows.end(); ++row)
    values.push_back(value_of(*row, metric));
  return estimate_mean(values);
}

std::optional<Interval> item_interval(const Configuration& configuration, Metric metric) {
  if (configuration.runs.size() != 1 || metric != Metric::kValAccuracy) return std::nullopt;
  const StudyRun& run = configuration.runs.front();
  const double accuracy = final_value(run, metric);
  if (run.val_examples == 0 || !std::isfinite(accuracy)) return std::nullopt;
  const auto correct = std::llround(accuracy * static_cast<double>(run.val_examples));
  return binomial_interval(correct, run.val_examples);
}

}  // namespace nnrun
