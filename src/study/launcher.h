#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Scripts that run the trials of a sweep by other means than nnrun's own scheduler.
namespace nnrun {

enum class Launcher { kSlurm, kParallel, kShell };

/// What a script needs to know.
struct LaunchPlan {
  std::string name;  ///< of the experiment
  std::vector<std::string>
      command;         ///< program, "sweep", options; `--trial N` or `--collect` follow; run in /
  std::string folder;  ///< where the results go
  std::vector<std::pair<std::string, std::string>> environment;  ///< to be set for the program
  int64_t trials = 1;                                            ///< numbered from 0
  int64_t threads = 1;                                           ///< of one trial
  std::optional<int64_t> jobs;                                   ///< side by side at most
  int64_t memory_mib = 1024;                                     ///< of one trial
  bool gpu = false;
};

/// A POSIX shell script. Whatever it is stopped by, run again it does what is missing.
///   launch_script(Launcher::kSlurm, plan)   // to be run by `sh`, or queued by `sbatch`
/// Throws ConfigError where the launcher cannot carry an argument.
std::string launch_script(Launcher launcher, const LaunchPlan& plan);

/// One word of a POSIX shell: as it is where that is safe, else in single quotes.
std::string shell_word(const std::string& text);

}  // namespace nnrun
