#include "app/emit.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "app/locations.h"
#include "app/memory.h"
#include "app/trials.h"
#include "base/json.h"
#include "config/path.h"
#include "nnrun/log.h"
#include "study/launcher.h"

namespace fs = std::filesystem;

namespace nnrun {
namespace {

Launcher launcher_of(const std::string& name) {
  if (name == "slurm") return Launcher::kSlurm;
  return name == "parallel" ? Launcher::kParallel : Launcher::kShell;
}

/// Whether strings at `key` name weights files, when those of the object around it do or do not:
/// `model.init_from`, and `value` or `values` of it in a sweep.
bool names_weights(const std::string& key, bool around) {
  return key == "init_from" || key.ends_with(".init_from") ||
         (around && (key == "value" || key == "values"));
}

void make_absolute(JsonValue& value, bool are_names) {
  if (value.is(JsonKind::kString) && are_names && !value.text.empty())
    value.text = fs::absolute(value.text).lexically_normal().string();
  for (JsonValue& item : value.items) make_absolute(item, are_names);
  for (JsonMember& member : value.members)
    make_absolute(member.value, names_weights(member.key, are_names));
}

/// PATH=VALUE with the weights files it names where they are now. All other files that a config
/// names are relative to it or to the data folder.
std::string with_absolute_names(const std::string& assignment) {
  const size_t equals = assignment.find('=');
  bool is_name = false;
  for (const std::string& word : split_path(std::string_view(assignment).substr(0, equals)))
    is_name = names_weights(word, is_name);
  const std::string text = assignment.substr(equals + 1);
  std::vector<JsonFault> faults;
  JsonValue value = parse_json(text, {}, faults).value_or(JsonValue{});
  if (!faults.empty()) {  // a text without quotes
    value.kind = JsonKind::kString;
    value.text = text;
  }
  const std::string before = json_text(value);
  make_absolute(value, is_name);
  const std::string after = json_text(value);
  return before == after ? assignment : assignment.substr(0, equals + 1) + after;
}

std::string absolute_output(const Options& options, const Experiment& experiment) {
  return fs::absolute(output_folder(options, experiment.config.name)).string();
}

/// The part of the command line that all trials share. Paths are absolute: the script may be run
/// from anywhere.
std::vector<std::string> trial_command(const Options& options, const Experiment& experiment) {
  std::vector<std::string> command{executable().string(), "sweep"};
  const auto add = [&command](const char* option, const std::string& value) {
    command.insert(command.end(), {option, value});
  };
  add("--config", fs::absolute(experiment.file).string());
  for (const std::string& assignment : options.overrides.set)
    add("--set", with_absolute_names(assignment));
  if (options.overrides.seed) add("--seed", std::to_string(*options.overrides.seed));
  if (options.overrides.repeats) add("--repeats", std::to_string(*options.overrides.repeats));
  add("--data-dir", data_folder(options).string());
  add("--out", absolute_output(options, experiment));
  add("--device", to_text(options.device));
  add("--threads", std::to_string(options.threads.value_or(1)));
  command.emplace_back("--quiet");
  return command;
}

/// The largest trial's; a guess where the data are not on this machine.
int64_t memory_of(const std::vector<Trial>& trials, const fs::path& data_dir) {
  int64_t largest = 0;
  try {
    check_trials(trials, data_dir, [&](size_t, const Material& material, const Inputs&) {
      largest = std::max(largest, predicted_memory_mib(material));
    });
  } catch (const Error& error) {
    constexpr int64_t kGuess = 4096;
    if (error.code() != ExitCode::kEnvironment) throw;
    check_shapes(trials);
    log_warning(to_text(error.problems().front()) + "; the memory asked for is a guess");
    return kGuess;
  }
  return largest;
}

}  // namespace

std::string emit_script(const Options& options, const Experiment& experiment,
                        const std::vector<Trial>& trials) {
  LaunchPlan plan;
  plan.name = experiment.config.name;
  plan.command = trial_command(options, experiment);
  plan.folder = absolute_output(options, experiment);
  if (const char* torch = std::getenv("NNRUN_TORCH_ROOT"); torch != nullptr && *torch != '\0')
    plan.environment.emplace_back("NNRUN_TORCH_ROOT", fs::absolute(torch).string());
  plan.trials = static_cast<int64_t>(trials.size());
  plan.threads = options.threads.value_or(1);
  plan.jobs = options.jobs;
  plan.memory_mib = memory_of(trials, data_folder(options));
  plan.gpu = options.device.kind == DeviceOption::Kind::kCuda;
  return launch_script(launcher_of(options.emit), plan);
}

}  // namespace nnrun
