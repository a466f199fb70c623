#pragma once

#include "base/json.h"
#include "config/reader.h"
#include "nnrun/config.h"

namespace nnrun {

/// Rules between keys: at most one clip, unique layer names, feature maps of layers that exist, …
/// Values that were already found faulty are left out. Problems go to `report`.
void check_rules(const ExperimentConfig& config, const JsonValue& root, const Reader& reader,
                 Report& report);

}  // namespace nnrun
