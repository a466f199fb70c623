#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "app/options.h"
#include "app/output.h"
#include "app/run_folder.h"
#include "app/workbench.h"
#include "nnrun/config.h"

/// Several runs of one config: a sweep, repeats, or both.
namespace nnrun {

/// Checks what needs no data: the shapes of every trial, as far as the config alone tells the
/// input, and its initial weights. Throws all problems, each once.
void check_shapes(const std::vector<Trial>& trials);

/// Data and model of every trial, checked before the first one starts: the hash of each trial's
/// data. `on_trial` checks what else there is to check. Throws the problems of all trials, each
/// once.
using OnTrial = std::function<void(size_t trial, const Material& material, const Inputs& inputs)>;
std::vector<std::string> check_trials(const std::vector<Trial>& trials,
                                      const std::filesystem::path& data_dir,
                                      const OnTrial& on_trial);

/// Trials run as threads of one process: on a GPU, which then has one context for all.
bool runs_as_threads(const Options& options);

/// `--jobs`, else the cores; on a GPU at most 4.
int64_t default_jobs(const Options& options);

/// Trains all trials that are not at their end, several side by side. Returns the exit code.
int run_trials(const Options& options, const Experiment& experiment,
               const std::vector<Trial>& trials, Output& out);

/// Trains one trial of the list in this process. Returns the exit code.
int run_one_trial(const Options& options, const Experiment& experiment,
                  const std::vector<Trial>& trials, Output& out);

/// Brings the parent's files up to date with its trials and trains nothing: what follows trials
/// that were run one by one. Returns the exit code: 8 unless all are done.
int collect_trials(const Options& options, const Experiment& experiment,
                   const std::vector<Trial>& trials, Output& out);

}  // namespace nnrun
