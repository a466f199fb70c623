#pragma once

#include <string>

#include "app/experiment.h"
#include "app/options.h"
#include "app/output.h"

namespace nnrun {

/// What the options ask of an experiment that is one run.
RunRequest single_run(const Options& options, const Trial& trial);

/// Runs one experiment and tells its results as the options ask; returns the exit code.
int run_and_report(const Options& options, const RunRequest& request, Output& out);

/// What a sweep or repeats of `config` tell at their end.
std::string study_text(const std::filesystem::path& folder, const ExperimentConfig& config,
                       size_t trials, bool nothing_to_do);

}  // namespace nnrun
