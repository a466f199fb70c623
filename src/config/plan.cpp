#include "nnrun/plan.h"

#include <algorithm>
#include <utility>

#include "config/layer_rules.h"
#include "config/saturating.h"

namespace nnrun {
namespace {

void collect(const std::vector<LayerPlan>& layers, std::vector<ParameterSpec>& parameters) {
  for (const LayerPlan& layer : layers) {
    parameters.insert(parameters.end(), layer.parameters.begin(), layer.parameters.end());
    collect(layer.inner, parameters);
  }
}

/// The key that sets the width of a layer's output vector, if one does.
std::string width_key(LayerType type) {
  const bool wide =
      type == LayerType::kDense || type == LayerType::kEmbeddingBag || gates_of(type) > 0;
  return wide ? "/units" : "";
}

/// The last layer must give logits, a vector at least as wide as there are classes, that some
/// weights move.
void check_logits(const ModelPlan& plan, const PlanProblem& problem) {
  const LayerPlan& last = plan.layers.back();
  const std::string& pointer = last.config.pointer;
  if (last.out.kind != ShapeKind::kVector) {
    const bool recurrent = gates_of(last.config.type) > 0;
    const std::string remedy =
        recurrent ? "set \"return\" to \"last\"" : "put a flatten and a dense after it";
    return problem(pointer + (recurrent ? "/return" : ""),
                   "the last layer must give one vector of logits: " + remedy + " (got " +
                       to_text(last.out) + ")");
  }
  const int64_t width = last.out.dims[0], classes = plan.input.classes;
  if (width < classes)
    return problem(pointer + width_key(last.config.type),
                   "the last layer is narrower than the classes" +
                       got(width, "at least " + std::to_string(classes)));
  const bool is_trained =  // by a table without rows, too: the vocabulary may not be known yet
      std::ranges::any_of(plan.all_parameters(), &ParameterSpec::trainable);
  if (!is_trained) problem("/model/layers", "no layer has weights to train");
}

}  // namespace

int64_t ParameterSpec::elements() const { return saturating_product(shape); }

int64_t LayerPlan::trainable() const {
  int64_t total = 0;
  for (const ParameterSpec& parameter : parameters) {
    if (parameter.trainable) total = saturating_plus(total, parameter.elements());
  }
  for (const LayerPlan& layer : inner) total = saturating_plus(total, layer.trainable());
  return total;
}

std::vector<ParameterSpec> ModelPlan::all_parameters() const {
  std::vector<ParameterSpec> all;
  collect(layers, all);
  return all;
}

ModelPlan plan_model(const ModelConfig& model, const InputSpec& input, const PlanProblem& problem) {
  ModelPlan plan;
  plan.input = input;
  try {
    plan_layers(model.layers, input.shape, {input, model.init, problem}, plan.layers);
    if (!plan.layers.empty()) check_logits(plan, problem);
  } catch (const LayerFault& fault) {
    problem(fault.pointer, fault.message);
  }
  for (const LayerPlan& layer : plan.layers) {
    plan.parameters = saturating_plus(plan.parameters, layer.trainable());
    plan.multiply_adds = saturating_plus(plan.multiply_adds, layer.multiply_adds);
  }
  return plan;
}

ModelPlan plan_experiment(const Experiment& experiment, const InputSpec& input) {
  std::vector<Problem> problems;
  ModelPlan plan =
      plan_model(experiment.config.model, input, [&](const auto& pointer, const auto& message) {
        problems.push_back(problem_at(experiment, pointer, message));
      });
  if (!problems.empty()) throw ConfigError(std::move(problems));
  return plan;
}

InputSpec input_from_config(const DataConfig& data) {
  const bool ngrams = data.ngrams > 1 || data.char_ngrams.has_value();
  switch (data.type) {
    case DataType::kCifar10:
      return {.shape = {ShapeKind::kImage, {3, 32, 32}}, .classes = 10, .vocabulary = {}};
    case DataType::kImageFolder:
      return {.shape = {ShapeKind::kImage, {3, data.size[0], data.size[1]}},
              .classes = 0,
              .vocabulary = {}};
    case DataType::kSyntheticImages:
      return {.shape = {ShapeKind::kImage, {data.shape.begin(), data.shape.end()}},
              .classes = data.classes,
              .vocabulary = {}};
    case DataType::kTextCsv:
    case DataType::kSyntheticText:
      return {.shape = {ShapeKind::kIds, {data.max_length}},
              .classes = data.classes,
              .vocabulary = {},
              .buckets = ngrams ? data.ngram_buckets : 0};
  }
  return {};
}

}  // namespace nnrun
