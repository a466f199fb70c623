#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "nnrun/config.h"

/// Synchronous successive halving: all trials reach a rung, the best 1/eta of them go on.
/// Li et al., "Hyperband: a novel bandit-based approach to hyperparameter optimization", 2018.
namespace nnrun {

/// Epochs at which trials are compared: min_iter, min_iter * eta, … below `epochs`.
std::vector<int64_t> rungs(const HyperbandConfig& config, int64_t epochs);

/// The trials of a rung that go on, in order of their number: the best floor(trials / eta) of it,
/// at least one; equal values go by number, values that are not finite come last. `values`: trial
/// number -> metric, without the trials that cannot go on, as those that diverged.
std::vector<int64_t> survivors(const std::map<int64_t, double>& values, size_t trials, int64_t eta,
                               bool maximize);

}  // namespace nnrun
