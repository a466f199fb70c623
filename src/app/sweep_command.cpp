#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/dry_run.h"
#include "app/emit.h"
#include "app/locations.h"
#include "app/trials.h"
#include "nnrun/stop.h"
#include "report/text_table.h"
#include "study/sweep_table.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

Problem option_problem(const std::string& option, const std::string& message) {
  Problem problem;
  problem.option = option;
  problem.message = message;
  return problem;
}

[[noreturn]] void refuse(const std::string& option, const std::string& message) {
  throw ConfigError(std::vector<Problem>{option_problem(option, message)});
}

std::string trial_list(const std::vector<Trial>& trials) {
  std::vector<std::vector<std::string>> rows{{"trial", "folder", "seed"}};
  for (const auto& [path, value] : trials.front().values) rows[0].push_back(path);
  for (size_t i = 0; i < trials.size(); ++i) {
    rows.push_back({std::to_string(i), trials[i].folder.empty() ? "." : trials[i].folder,
                    std::to_string(trials[i].seed)});
    for (const auto& [path, value] : trials[i].values) rows.back().push_back(plain_value(value));
  }
  return aligned(rows);
}

Json trial_list_json(const std::vector<Trial>& trials) {
  Json list = Json::array();
  for (size_t i = 0; i < trials.size(); ++i) {
    Json values = Json::object();
    for (const auto& [path, value] : trials[i].values) values[path] = Json::parse(value);
    list.push_back({{"trial", i},
                    {"folder", trials[i].folder.empty() ? "." : trials[i].folder},
                    {"seed", trials[i].seed},
                    {"values", values}});
  }
  return list;
}

/// Exactly one of the things that this command does.
void check_one_job(const Options& options) {
  const int jobs = int{options.list} + int{options.trial.has_value()} + int{!options.emit.empty()} +
                   int{options.collect};
  if (jobs == 1) return;
  refuse("sweep", std::string(jobs == 0 ? "nothing to do" : "several things to do at once") +
                      " (expected --list, --trial N, --emit slurm|parallel|sh or --collect)");
}

/// Trials that are run one by one know nothing of each other.
void check_independent(const Options& options, const Experiment& experiment) {
  const auto& sweep = experiment.config.sweep;
  if (!sweep || !sweep->early_terminate) return;
  refuse(options.trial     ? "--trial"
         : options.collect ? "--collect"
                           : "--emit",
         "early_terminate compares trials with each other (run all of them, or take it out)");
}

/// A script's trials are started again after a failure, so they must go on from what is there.
void check_emit(const Options& options, const Experiment& experiment) {
  std::vector<Problem> problems;
  if (options.overwrite)
    problems.push_back(option_problem("--overwrite", "cannot be used together with --emit"));
  if (options.resume != Resume::kAuto)
    problems.push_back(option_problem("--resume", "cannot be used together with --emit"));
  if (!std::filesystem::is_regular_file(experiment.file))
    problems.push_back(option_problem("--config", "must be a file, for the script reads it again"));
  if (!problems.empty()) throw ConfigError(problems);
}

const Trial& chosen_trial(const Options& options, const std::vector<Trial>& trials) {
  if (*options.trial >= static_cast<int64_t>(trials.size()))
    refuse("--trial " + std::to_string(*options.trial),
           "no such trial (expected 0 to " + std::to_string(trials.size() - 1) + ")");
  return trials[static_cast<size_t>(*options.trial)];
}

int run_trial(const Options& options, const Experiment& experiment,
              const std::vector<Trial>& trials, Output& out) {
  const Trial& trial = chosen_trial(options, trials);
  if (options.print_config) {
    out.write(resolved_json(trial.experiment.config));
    return 0;
  }
  if (options.dry_run) return dry_run(options, experiment, {trial}, out);
  ignore_closed_pipes();
  return run_one_trial(options, experiment, trials, out);
}

}  // namespace

int sweep_command(const Options& options, Output& out) {
  check_one_job(options);
  const Experiment experiment =
      load_experiment(options.config, shipped_configs(), options.overrides);
  const std::vector<Trial> trials = expand_trials(experiment);
  if (options.list) {
    if (options.json)
      out.json(trial_list_json(trials));
    else
      out.write(trial_list(trials));
    return 0;
  }
  check_independent(options, experiment);
  if (options.trial) return run_trial(options, experiment, trials, out);
  if (options.collect) return collect_trials(options, experiment, trials, out);
  check_emit(options, experiment);
  out.write(emit_script(options, experiment, trials));
  return 0;
}

}  // namespace nnrun
