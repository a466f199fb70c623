#pragma once

#include <string>

#include "nnrun/config.h"

namespace nnrun {

/// The resolved config of an experiment, as that of an ExperimentConfig. Defaults that follow from
/// swept values stay unwritten: the rate of a swept optimizer, the stride of a pool of swept size.
std::string resolved_json(const Experiment& experiment);

}  // namespace nnrun
