#include <algorithm>
#include <map>
#include <utility>

#include "nnrun/train.h"

namespace nnrun {
namespace {

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

std::string quoted(const std::string& name) { return "\"" + escaped(name) + "\""; }

/// What is wrong with `tensor` as `spec`; "" when nothing is. nullptr: it holds no floating-point
/// numbers, or there is none.
std::string mismatch(const ParameterSpec& spec, const Tensor* tensor, const WeightsFile& weights) {
  if (const auto other = weights.other_types.find(spec.name); other != weights.other_types.end())
    return "wrong type of " + quoted(spec.name) + " in the weights file (got " +
           escaped(other->second) + ", expected F32, F64, F16 or BF16)";
  if (tensor == nullptr) return "the weights file has no tensor " + quoted(spec.name);
  if (tensor->shape == spec.shape) return "";
  return "wrong shape of " + quoted(spec.name) + " in the weights file (got " +
         shape_text(tensor->shape) + ", expected " + shape_text(spec.shape) + ")";
}

}  // namespace

Tensors fit_weights(const Experiment& experiment, const ModelPlan& plan,
                    const WeightsFile& weights) {
  std::map<std::string, const Tensor*> left;
  for (const Tensor& tensor : weights.tensors) left.emplace(tensor.name, &tensor);
  for (const auto& [name, type] : weights.other_types) left.emplace(name, nullptr);

  Tensors fitted;
  std::vector<std::string> messages;
  for (const ParameterSpec& spec : plan.all_parameters()) {
    const auto found = left.find(spec.name);
    const Tensor* const tensor = found == left.end() ? nullptr : found->second;
    const std::string message = mismatch(spec, tensor, weights);
    if (!message.empty()) messages.push_back(message);
    if (found != left.end()) left.erase(found);
    if (tensor != nullptr) fitted.push_back({"model/" + spec.name, tensor->shape, tensor->values});
  }
  for (const auto& [name, tensor] : left)
    messages.push_back("the model has no tensor " + quoted(name));

  std::vector<Problem> problems;
  for (const std::string& message : messages) {
    problems.push_back(problem_at(experiment, "/model/init_from", message));
  }
  if (!problems.empty()) throw ConfigError(std::move(problems));
  std::sort(fitted.begin(), fitted.end(),
            [](const Tensor& a, const Tensor& b) { return a.name < b.name; });
  return fitted;
}

}  // namespace nnrun
