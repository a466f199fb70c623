#pragma once

#include <string>
#include <vector>

#include "nnrun/store.h"

namespace nnrun {

/// Throws StoreError where last.nnr knows none of these configs' hashes, or other data than the
/// run's manifest.
void check_owner(const RunDirectory& run, const Checkpoint& last,
                 const std::vector<std::string>& config_hashes);

}  // namespace nnrun
