#pragma once

#include <filesystem>
#include <vector>

#include "app/options.h"
#include "nnrun/error.h"

namespace nnrun {

/// Trains a run again, in memory, for as many epochs as it has, on its recorded device and threads
/// unless the options name others; returns where metric rows, weights or test results differ.
/// Throws as training does, StoreError when data or initial weights are not those of the run.
std::vector<Problem> rerun_and_compare(const Options& options, const std::filesystem::path& folder);

}  // namespace nnrun
