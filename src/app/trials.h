#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/options.h"
#include "app/output.h"
#include "nnrun/config.h"

/// Several runs of one config: a sweep, repeats, or both.
namespace nnrun {

/// Data and model of every trial, checked before the first one starts: the hash of each trial's
/// data. Throws the problems of all trials, each once.
std::vector<std::string> check_trials(const std::vector<Trial>& trials,
                                      const std::filesystem::path& data_dir);

/// `--jobs`, else the cores; one at a time when a GPU may do the work.
int64_t default_jobs(const Options& options);

/// Trains all trials that are not at their end, each in a process of its own. Returns the exit
/// code.
int run_trials(const Options& options, const Experiment& experiment,
               const std::vector<Trial>& trials, Output& out);

/// Trains one trial of the list in this process. Returns the exit code.
int run_one_trial(const Options& options, const Experiment& experiment,
                  const std::vector<Trial>& trials, Output& out);

}  // namespace nnrun
