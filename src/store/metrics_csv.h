#pragma once

#include <string>
#include <vector>

#include "nnrun/store.h"

namespace nnrun {

/// Inverse of timing_csv. Throws StoreError.
std::vector<EpochTiming> parse_timing_csv(const std::string& text, const std::string& file);

}  // namespace nnrun
