#pragma once

#include <optional>

#include "nnrun/store.h"

namespace nnrun {

/// best.nnr of a run beside its last.nnr; nullopt: it has none yet. A killed run may leave one that
/// is ahead of last.nnr. Throws StoreError: damaged, missing, not of the epoch that `last` names.
std::optional<Checkpoint> best_beside(const Checkpoint& last, const RunDirectory& run);

}  // namespace nnrun
