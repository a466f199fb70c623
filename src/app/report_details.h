#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/options.h"
#include "nnrun/tables.h"

/// What a report shows of single runs, as JSON for its page.
namespace nnrun {

/// Confusion matrix of the run's model on its test split, computed now. Throws Error: no weights,
/// no data, no LibTorch.
nlohmann::ordered_json confusion_json(const Options& options, const StudyRun& run);

/// The pictures in the run's features/ as data URLs, by image and layer; empty when there are none.
/// Throws Error when the list or a picture cannot be read.
nlohmann::ordered_json pictures_json(const StudyRun& run);

/// The environments the runs were made in, with the indices of their runs.
nlohmann::ordered_json environments_json(const std::vector<const StudyRun*>& runs);

/// How to make everything at or below the given folders again: commands, and the configs they read.
nlohmann::ordered_json sources_json(const std::vector<std::string>& paths);

}  // namespace nnrun
