#include "config/trials.h"

#include <algorithm>
#include <unordered_map>

#include "config/address.h"
#include "config/reader.h"
#include "config/value_json.h"
#include "nnrun/format.h"

namespace nnrun {
namespace {

std::string padded(int64_t number) {
  std::string digits = std::to_string(number);
  return std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

/// "trial-0003/seed-7", "seed-7" or "".
std::string folder_of(const ExperimentConfig& parent, int64_t number, int64_t seed) {
  const std::string seed_folder = "seed-" + std::to_string(seed);
  if (parent.sweep) return "trial-" + padded(number) + "/" + seed_folder;
  return parent.repeats > 1 ? seed_folder : "";
}

/// The path leads into what can have keys; else the file's own value is at fault.
bool can_be_filled(const JsonValue& files, Path address) {
  while (address.pop_back(), !address.empty()) {
    const JsonValue* outer = find_value(files, pointer_to(address));
    if (outer == nullptr) continue;
    return outer->is(JsonKind::kObject) || outer->is(JsonKind::kArray) ||
           outer->is(JsonKind::kNull);
  }
  return true;
}

/// Swept paths that no file sets have their first value, so that the parent of the trials is whole.
std::vector<Assignment> filled(const JsonValue& files, const TrialPlan& plan) {
  std::vector<Assignment> missing;
  for (const Axis& axis : plan.axes) {
    const bool is_set = find_value(files, pointer_to(axis.address)) != nullptr;
    if (!axis.is_sound || is_set || !can_be_filled(files, axis.address)) continue;
    missing.push_back(
        {axis.path, std::vector<JsonPlace>(axis.path.size(), axis.key_at), first_value(axis)});
  }
  return missing;
}

/// What all trials read: a copy for each of them would grow with their number squared if it had the
/// sweep's values.
ConfigTree without_sweep(const ConfigTree& tree) {
  auto files = std::make_shared<JsonValue>(*tree.files);
  files->erase("sweep");
  ConfigTree result{tree.sources, std::move(files), tree.assignments};
  std::erase_if(result.assignments,
                [](const Assignment& option) { return option.path[0] == "sweep"; });
  return result;
}

void report_too_many(const JsonValue& root, const std::string& pointer, Report& report) {
  JsonPlace place;
  Problem problem = locate_pointer(report.sources(), root, pointer, &place);
  problem.message =
      "too many trials (expected at most " + grouped(kMostTrials) + ", repeats included)";
  report.add(place, problem);
}

void read_trials(const ConfigTree& tree, const TrialPlan& plan, int64_t seed, Report& report) {
  int64_t runs = 0;
  for (int64_t number = 0; number < plan.count; ++number) {
    const ConfigTree trial = trial_tree(tree, plan, seed, number);
    JsonValue root = *trial.files;
    assign(root, trial.assignments, report);
    runs += read_merged(root, report).repeats;
    if (runs > kMostTrials) return report_too_many(root, "/repeats", report);
  }
}

/// What a trial is when `axis` has `value` in it; "" when it cannot be.
std::string resolved_with(ConfigTree trial, size_t axis, const JsonValue& value) {
  trial.assignments[axis].value = value;
  Report report(*trial.sources);  // of random draws, not every value is in a trial with all others
  JsonValue root = *trial.files;
  assign(root, trial.assignments, report);
  const ExperimentConfig config = read_merged(root, report);
  return report.size() > 0 ? "" : object_json(config).dump();
}

/// Values that are written differently and mean the same, in the first trial: a null and the
/// default it stands for, a number and a pair. Numbers alone are told apart where they are read.
void report_equal_values(const ConfigTree& tree, const TrialPlan& plan, int64_t seed,
                         Report& report) {
  const ConfigTree first = trial_tree(tree, plan, seed, /*number=*/0);
  const auto is_number = [](const JsonValue& value) { return value.is(JsonKind::kNumber); };
  for (size_t axis = 0; axis < plan.axes.size(); ++axis) {
    const std::vector<JsonValue>& values = plan.axes[axis].values;
    if (std::ranges::all_of(values, is_number)) continue;
    std::unordered_map<std::string, size_t> seen;
    for (size_t i = 0; i < values.size(); ++i) {
      const std::string meaning = resolved_with(first, axis, values[i]);
      const auto [twin, is_new] = seen.try_emplace(meaning, i);
      if (is_new || meaning.empty()) continue;
      report.add(values[i].at, "equal values (got " + got(values[i]) +
                                   ", which means the same as " + "entry " +
                                   std::to_string(twin->second) + ")");
    }
  }
}

}  // namespace

TrialPlan plan_trials(const JsonValue& root, const JsonValue& files, Report& report) {
  TrialPlan plan;
  const size_t problems = report.size();
  const std::optional<SweepFile> file = Reader(report).sweep(root);
  if (!file) return plan;
  plan.axes = sweep_axes(*file, files, report);
  if (file->method == SweepMethod::kRandom && !file->run_cap)
    report.add_missing(root.find("sweep")->value.at, {"run_cap"});
  plan.sweep = sweep_config(*file, plan.axes, report.sources());
  plan.count = report.size() > problems ? 0 : trial_count(plan.sweep, plan.axes);
  return plan;
}

JsonValue parent_root(const ConfigTree& tree, const TrialPlan& plan, Report& report) {
  std::vector<Assignment> assignments = filled(*tree.files, plan);
  assignments.insert(assignments.end(), tree.assignments.begin(), tree.assignments.end());
  JsonValue root = *tree.files;
  assign(root, assignments, report);
  return root;
}

ConfigTree trial_tree(const ConfigTree& tree, const TrialPlan& plan, int64_t seed, int64_t number) {
  ConfigTree trial{tree.sources, tree.files, {}};
  const std::vector<JsonValue> values = trial_values(plan.sweep, plan.axes, seed, number);
  for (size_t i = 0; i < values.size(); ++i) {
    const Axis& axis = plan.axes[i];
    trial.assignments.push_back(
        {axis.path, std::vector<JsonPlace>(axis.path.size(), axis.key_at), values[i]});
  }
  trial.assignments.insert(trial.assignments.end(), tree.assignments.begin(),
                           tree.assignments.end());
  return trial;
}

void check_trials(const ConfigTree& tree, const TrialPlan& plan, int64_t seed, Report& report) {
  if (plan.count > kMostTrials) return report_too_many(tree.merged(), "/sweep", report);
  for (const Axis& axis : plan.axes) report.tell_once(axis.at);
  const size_t problems = report.size();
  const ConfigTree read = without_sweep(tree);
  read_trials(read, plan, seed, report);
  // Once more, since shapes are told beside other problems, which no trial before the first had.
  if (problems == 0 && report.size() > 0) read_trials(read, plan, seed, report);
  if (report.size() == 0) report_equal_values(read, plan, seed, report);
}

bool has_trials(const ExperimentConfig& config) { return config.sweep || config.repeats > 1; }

std::vector<Trial> expand_trials(const Experiment& experiment) {
  const ExperimentConfig& parent = experiment.config;
  Report report(*experiment.tree->sources);
  const TrialPlan plan = plan_trials(experiment.tree->merged(), *experiment.tree->files, report);
  const ConfigTree read = without_sweep(*experiment.tree);
  std::vector<Trial> trials;
  for (int64_t number = 0; number < plan.count; ++number) {
    auto tree = std::make_shared<ConfigTree>(trial_tree(read, plan, parent.seed, number));
    ExperimentConfig config = read_merged(tree->merged(), report);
    if (config.name.empty()) config.name = parent.name;
    const int64_t first_seed = config.seed;
    const int64_t repeats = std::exchange(config.repeats, 1);
    for (int64_t k = 0; k < repeats; ++k) {
      config.seed = first_seed + k;
      Trial trial{number,
                  config.seed,
                  folder_of(parent, number, config.seed),
                  {},
                  {config, experiment.file, tree}};
      for (size_t i = 0; i < plan.axes.size(); ++i) {
        trial.values.emplace_back(plan.axes[i].name, json_text(tree->assignments[i].value));
      }
      trials.push_back(std::move(trial));
    }
  }
  report.throw_if_any();
  return trials;
}

}  // namespace nnrun
