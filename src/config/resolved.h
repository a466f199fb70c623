#pragma once

#include <filesystem>
#include <string>

#include "nnrun/config.h"

namespace nnrun {

/// The resolved config of an experiment, as that of an ExperimentConfig. Defaults that follow from
/// swept values stay unwritten: the rate of a swept optimizer, the stride of a pool of swept size.
std::string resolved_json(const Experiment& experiment);

/// load_experiment for a resolved config that nnrun wrote: it may be larger than what a user
/// writes.
Experiment load_resolved(const std::string& file, const std::filesystem::path& shipped,
                         const Overrides& overrides);

}  // namespace nnrun
