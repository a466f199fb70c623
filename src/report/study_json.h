#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "nnrun/tables.h"

/// A study as the report's page takes it. Numbers that are not finite become null.
namespace nnrun {

/// Members: `metric` (by which configurations are ranked), `metrics`, `varying`, `configurations`
/// (values, estimates of every metric, their runs), `runs` (with their curves; at most
/// kCurvePoints epochs of all runs together, evenly thinned, `stride` says how), `effects`,
/// `variance` and `table_notes` of every metric.
nlohmann::ordered_json study_json(const Study& study, Metric metric);

inline constexpr int64_t kCurvePoints = 200'000;

/// Indices of the configurations, the best mean of `metric` first.
std::vector<size_t> best_configurations(const Study& study, Metric metric);

}  // namespace nnrun
