#pragma once

#include <vector>

#include "app/options.h"
#include "nnrun/config.h"

namespace nnrun {

/// The script of `--emit`: every trial is checked first, as far as the data are here. Throws
/// ConfigError for what a launcher cannot do.
std::string emit_script(const Options& options, const Experiment& experiment,
                        const std::vector<Trial>& trials);

}  // namespace nnrun
