#pragma once

#include <functional>
#include <vector>

#include "config/sweep.h"
#include "config/tree.h"

namespace nnrun {

/// The sweep of one experiment, ready to make its trials.
struct TrialPlan {
  SweepConfig sweep;
  std::vector<Axis> axes;
  int64_t count = 1;  ///< 0: the sweep is faulty
};

/// Reads the sweep of the merged config `root`; without one: a single trial. Its paths lead into
/// `files`, since options come after it. Problems go to `report`.
TrialPlan plan_trials(const JsonValue& root, const JsonValue& files, Report& report);

/// The merged config of the trials' parent. Problems go to `report`.
JsonValue parent_root(const ConfigTree& tree, const TrialPlan& plan, Report& report);

/// The tree of trial `number`: its values between the files and the options.
ConfigTree trial_tree(const ConfigTree& tree, const TrialPlan& plan, int64_t seed, int64_t number);

/// Checks the configs of all trials, and that there are not too many, repeats included. Problems go
/// to `report`.
void check_trials(const ConfigTree& tree, const TrialPlan& plan, int64_t seed, Report& report);

}  // namespace nnrun
