#pragma once

#include <optional>
#include <string>

#include "nnrun/store.h"

namespace nnrun {

/// What is wrong with best.nnr (nullptr: there is none) beside last.nnr, which names the epoch that
/// its weights are of; "" when nothing is. A killed run may leave one that is ahead of last.nnr.
std::string fault_of_best(const Checkpoint* best, const Checkpoint& last);

/// best.nnr of a run beside its last.nnr; nullopt: it has none yet. Throws StoreError: damaged,
/// missing, not of the epoch that `last` names.
std::optional<Checkpoint> best_beside(const Checkpoint& last, const RunDirectory& run);

}  // namespace nnrun
