#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/facts.h"
#include "app/locations.h"
#include "app/workbench.h"
#include "config/resolved.h"
#include "nnrun/format.h"
#include "nnrun/plan.h"
#include "nnrun/train.h"
#include "report/text_table.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

/// What is known of an experiment: its data and sizes, or what the config alone tells of them.
struct Known {
  ModelPlan plan;
  std::shared_ptr<const Dataset> dataset;
  std::string missing;  ///< what could not be found
};

Known look_at(const Experiment& experiment, MaterialLoader& loader) {
  try {
    const auto material = loader.load(experiment);
    return {material->plan, material->dataset, ""};
  } catch (const Error& error) {
    if (error.code() != ExitCode::kEnvironment) throw;
    return {plan_experiment(experiment, input_from_config(experiment.config.data)), nullptr,
            error.what()};
  }
}

void add_layers(const std::vector<LayerPlan>& layers, const std::string& indent, Rows& rows) {
  for (const auto& layer : layers) {
    int64_t parameters = 0;
    for (const auto& parameter : layer.parameters)
      parameters += parameter.trainable ? parameter.elements() : 0;
    rows.push_back({indent + layer.config.name, std::string(name_of(layer.config.type)),
                    to_text(layer.out), grouped(parameters), grouped(layer.multiply_adds)});
    add_layers(layer.inner, indent + "  ", rows);
  }
}

std::string layer_table(const ModelPlan& plan) {
  Rows rows{{"layer", "type", "output", "parameters", "multiply-adds"},
            {"input", "", to_text(plan.input.shape), "", ""}};
  add_layers(plan.layers, "", rows);
  rows.push_back({"total", "", "", grouped(plan.parameters), grouped(plan.multiply_adds)});
  return aligned(rows);
}

Json layers_json(const std::vector<LayerPlan>& layers) {
  Json list = Json::array();
  for (const auto& layer : layers) {
    int64_t parameters = 0;
    for (const auto& parameter : layer.parameters)
      parameters += parameter.trainable ? parameter.elements() : 0;
    Json entry{{"name", layer.config.name},
               {"type", name_of(layer.config.type)},
               {"output", layer.out.dims},
               {"parameters", parameters},
               {"multiply_adds", layer.multiply_adds}};
    if (!layer.inner.empty()) entry["layers"] = layers_json(layer.inner);
    list.push_back(entry);
  }
  return list;
}

/// Sizes of every trial of a sweep.
Rows trial_rows(const std::vector<Trial>& trials, MaterialLoader& loader) {
  Rows rows{{"trial", "folder"}};
  for (const auto& [path, value] : trials.front().values) rows[0].push_back(path);
  rows[0].insert(rows[0].end(), {"parameters", "multiply-adds"});
  for (size_t i = 0; i < trials.size(); ++i) {
    const ModelPlan plan = look_at(trials[i].experiment, loader).plan;
    std::vector<std::string> row{std::to_string(i), trials[i].folder};
    for (const auto& [path, value] : trials[i].values) row.push_back(value);
    row.insert(row.end(), {grouped(plan.parameters), grouped(plan.multiply_adds)});
    rows.push_back(row);
  }
  return rows;
}

Json trials_json(const std::vector<Trial>& trials, MaterialLoader& loader) {
  Json list = Json::array();
  for (size_t i = 0; i < trials.size(); ++i) {
    const ModelPlan plan = look_at(trials[i].experiment, loader).plan;
    Json values = Json::object();
    for (const auto& [path, value] : trials[i].values) values[path] = Json::parse(value);
    list.push_back({{"trial", i},
                    {"folder", trials[i].folder},
                    {"seed", trials[i].seed},
                    {"values", values},
                    {"parameters", plan.parameters},
                    {"multiply_adds", plan.multiply_adds}});
  }
  return list;
}

/// What the numbers of parameters leave out, and what is wrong with the initial weights.
std::vector<std::string> notes_of(const Experiment& experiment, const ModelPlan& plan) {
  std::vector<std::string> notes;
  if (lacks_vocabulary(plan))
    notes.emplace_back("parameters without the rows of the embedding: the vocabulary is not known");
  try {
    check_init_from(experiment, &plan);
  } catch (const Error& error) {
    for (const Problem& problem : error.problems())
      notes.push_back("initial weights: " + to_text(problem));
  }
  return notes;
}

std::string not_found(const std::string& missing) {
  std::string text = "  not found: ";
  for (const char byte : missing) text += byte == '\n' ? "\n  not found: " : std::string(1, byte);
  return text + "\n";
}

std::string training_text(const Experiment& experiment, const Known& known) {
  const TrainingConfig& training = experiment.config.training;
  const OptimizerConfig& optimizer = experiment.config.optimizer;
  std::string text =
      std::string(name_of(optimizer.type)) + ", learning rate " + shortest(optimizer.learning_rate);
  if (optimizer.schedule)
    text += ", " + std::string(name_of(optimizer.schedule->type)) + " schedule";
  text +=
      "; " + counted(training.epochs, "epoch") + " of batches of " + grouped(training.batch_size);
  if (known.dataset)
    text +=
        ", " + counted(steps_per_epoch(training, known.dataset->train.size()), "step") + " each";
  return text + "; seed " + std::to_string(experiment.config.seed) + "\n";
}

/// The first trial in full, of the others their sizes.
std::string describe_text(const Experiment& experiment, const std::vector<Trial>& trials,
                          MaterialLoader& loader) {
  const Experiment& first = trials.front().experiment;
  const Known known = look_at(first, loader);
  std::string text = experiment.config.name + "\n";
  if (!experiment.config.description.empty()) text += experiment.config.description + "\n";
  text += "\n" + layer_table(known.plan);
  for (const std::string& note : notes_of(first, known.plan)) text += note + "\n";
  text += "\ndata\n";
  text += known.dataset ? data_text(*known.dataset) : not_found(known.missing);
  text += "\ntraining\n  " + training_text(first, known);
  if (has_trials(experiment.config))
    text += "\n" + grouped(static_cast<int64_t>(trials.size())) + " trials\n" +
            aligned(trial_rows(trials, loader));
  return text;
}

Json describe_json(const Experiment& experiment, const std::vector<Trial>& trials,
                   MaterialLoader& loader) {
  const Experiment& first = trials.front().experiment;
  const Known known = look_at(first, loader);
  Json json{{"name", experiment.config.name},
            {"input", known.plan.input.shape.dims},
            {"layers", layers_json(known.plan.layers)},
            {"parameters", known.plan.parameters},
            {"multiply_adds", known.plan.multiply_adds},
            {"notes", notes_of(first, known.plan)}};
  json["data"] = known.dataset ? Json(data_json(*known.dataset)) : Json{{"missing", known.missing}};
  json["config"] = Json::parse(resolved_json(experiment));
  if (has_trials(experiment.config)) json["trials"] = trials_json(trials, loader);
  return json;
}

}  // namespace

int describe_command(const Options& options, Output& out) {
  const Experiment experiment =
      load_experiment(options.config, shipped_configs(), options.overrides);
  const std::vector<Trial> trials = expand_trials(experiment);
  MaterialLoader loader(data_folder(options));
  if (options.json)
    out.json(describe_json(experiment, trials, loader));
  else
    out.write(describe_text(experiment, trials, loader));
  return 0;
}

}  // namespace nnrun
