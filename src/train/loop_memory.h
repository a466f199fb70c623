#pragma once

#include <cstdint>

#include "nnrun/config.h"
#include "nnrun/store.h"

namespace nnrun {

/// The epoch whose weights a run's last.nnr holds: the last one, or the best one where
/// `restore_best` has brought its weights back.
int64_t epoch_of_weights(const Checkpoint& last, const TrainingConfig& training);

}  // namespace nnrun
