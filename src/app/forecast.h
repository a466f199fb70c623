#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "app/workbench.h"

/// What training will take, from two timed batches.
namespace nnrun {

struct Prediction {
  int64_t parameters = 0, steps = 0;     ///< steps of an epoch
  double step_seconds = 0, seconds = 0;  ///< of one training step; of all epochs
  double start_seconds = 0;              ///< before the first step: LibTorch, buffers, kernels
};

/// Times two training steps of a trial on this hardware. Throws what opening a session throws.
Prediction predict(const Material& material, const Hardware& hardware);

/// What many trials will take in all, one after the other.
struct Forecast {
  double seconds = 0;
  double start_seconds = 0;  ///< what a process spends before its first step, once more
  int64_t memory_mib = 0;    ///< the most that one process held
  int64_t timed = 0;         ///< trials whose batches were timed; the others go by multiply-adds
};

/// Times trials in a process of its own until `budget` seconds are spent. Empty when that process
/// failed (the trials themselves will say why) or a stop signal came.
std::optional<Forecast> forecast(const std::vector<const Trial*>& trials,
                                 const std::filesystem::path& data_dir, const Hardware& hardware,
                                 double budget);

}  // namespace nnrun
