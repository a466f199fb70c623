#pragma once

#include <string>
#include <vector>

#include "nnrun/store.h"

namespace nnrun {

/// Throws StoreError where last.nnr knows none of these configs' hashes, or other data than the
/// run's manifest. Killed as its extension began, a run has a last.nnr that knows the new config
/// already, and the former one, beside a config.json that does not.
void check_owner(const RunDirectory& run, const Checkpoint& last,
                 const std::vector<std::string>& config_hashes);

}  // namespace nnrun
