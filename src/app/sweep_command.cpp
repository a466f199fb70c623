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

[[noreturn]] void refuse(const std::string& option, const std::string& message) {
  Problem problem;
  problem.option = option;
  problem.message = message;
  throw ConfigError(std::vector<Problem>{problem});
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

/// Trials that are run one by one know nothing of each other.
void check_independent(const Options& options, const Experiment& experiment) {
  const auto& sweep = experiment.config.sweep;
  if (!sweep || !sweep->early_terminate) return;
  refuse(options.trial     ? "--trial"
         : options.collect ? "--collect"
                           : "--emit",
         "early_terminate compares trials with each other (run all of them, or take it out)");
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
  if (!std::filesystem::is_regular_file(experiment.file))
    refuse("--config", "must be a file, for the script reads it again");
  out.write(emit_script(options, experiment, trials));
  return 0;
}

}  // namespace nnrun
