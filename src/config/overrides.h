#pragma once

#include <vector>

#include "config/path.h"
#include "config/source.h"
#include "nnrun/config.h"

namespace nnrun {

/// `--set`, `--seed` and `--repeats` as values for the merged config, in order of precedence. Adds
/// a source for each; malformed ones are reported and left out.
std::vector<Assignment> read_overrides(const Overrides& overrides, Sources& sources,
                                       Report& report);

}  // namespace nnrun
