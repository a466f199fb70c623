#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "nnrun/tables.h"

/// What the values of a study's varying paths do to a metric, as JSON for the report's page.
namespace nnrun {

/// For each varying path, in order: [{value, n, mean, sd, low, high}], the metric's mean over all
/// runs at each level.
nlohmann::ordered_json effects_json(const Study& study, Metric metric);

/// [{source, degrees, sum_of_squares, share, p}] of split_grid.
nlohmann::ordered_json variance_json(const Study& study, Metric metric);

/// {n, mean, sd, low, high}; null where the estimate has none.
nlohmann::ordered_json estimate_json(const MeanEstimate& estimate);

/// The value of a varying path; null where the configuration lacks the path.
nlohmann::ordered_json value_json(const std::string& text);

std::vector<double> final_values(const Configuration& configuration, Metric metric);

}  // namespace nnrun
