#pragma once

#include <vector>

#include "app/options.h"
#include "app/output.h"
#include "nnrun/config.h"

namespace nnrun {

/// Checks all trials, runs two batches of each, and tells the time and memory to expect; writes
/// nothing.
int dry_run(const Options& options, const Experiment& experiment, const std::vector<Trial>& trials,
            Output& out);

}  // namespace nnrun
