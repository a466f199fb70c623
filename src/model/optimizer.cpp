#include "model/optimizer.h"

#include <map>
#include <utility>

#include "model/optimizer_backend.h"
#include "model/row_gradient.h"

namespace nnrun {
namespace {

std::vector<ParameterSpec> trainable(std::vector<ParameterSpec> specs) {
  std::erase_if(specs, [](const ParameterSpec& spec) { return !spec.trainable; });
  return specs;
}

/// Keras keeps the two biases of a gru as one variable, so their norms are clipped as one.
std::string keras_variable(std::string name) {
  const std::string recurrent = ".bias_hh", input = ".bias_ih";
  const size_t at = name.find(recurrent);
  return at == std::string::npos ? name : name.replace(at, recurrent.size(), input);
}

std::vector<std::vector<size_t>> variables_of_keras(const std::vector<ParameterSpec>& specs) {
  std::map<std::string, std::vector<size_t>> groups;
  for (size_t i = 0; i < specs.size(); ++i) groups[keras_variable(specs[i].name)].push_back(i);
  std::vector<std::vector<size_t>> result;
  for (auto& [name, group] : groups) result.push_back(std::move(group));
  return result;
}

}  // namespace

Optimizer::Optimizer(const OptimizerConfig& config, const TensorBank& weights,
                     const OptimizerBackend& backend)
    : config_(config), backend_(backend) {
  const std::vector<ParameterSpec> specs = trainable(weights.specs());
  for (const ParameterSpec& spec : specs) variables_.push_back(weights[spec.name]);
  norm_groups_ = variables_of_keras(specs);
  const double initial = config.type == OptimizerType::kAdagrad ? config.initial_accumulator : 0;
  for (size_t i = 0; i < optimizer_form(config).slots.size(); ++i) {
    slots_.emplace_back(specs, weights.flat().device(), initial);
  }
}

void Optimizer::step(const std::vector<at::Tensor>& gradients, double rate) {
  const at::NoGradGuard no_grad;
  clip(gradients);
  const UpdateStep step{config_, rate, ++updates_};
  for (size_t i = 0; i < variables_.size(); ++i) {
    UpdateTensors variable{variables_[i], gradients[i], {}};
    for (const TensorBank& slot : slots_) variable.slots.push_back(slot.tensors()[i]);
    backend_.update(step, variable);
  }
}

void Optimizer::clip(const std::vector<at::Tensor>& whole) const {
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& gradient : whole) gradients.push_back(entries_of(gradient));
  if (config_.clip_value) {
    for (const at::Tensor& g : gradients) g.clamp_(-*config_.clip_value, *config_.clip_value);
  }
  if (config_.global_clip_norm) backend_.clip_norm(gradients, *config_.global_clip_norm);
  if (!config_.clip_norm) return;
  for (const std::vector<size_t>& members : norm_groups_) {
    std::vector<at::Tensor> group;
    for (const size_t i : members) group.push_back(gradients[i]);
    backend_.clip_norm(group, *config_.clip_norm);
  }
}

std::vector<at::Tensor> Optimizer::snapshot() const {
  std::vector<at::Tensor> copies;
  for (const TensorBank& slot : slots_) copies.push_back(slot.flat().clone());
  return copies;
}

void Optimizer::append_to(Tensors& out, const std::vector<at::Tensor>& snapshot) const {
  const std::vector<std::string>& names = optimizer_form(config_).slots;
  for (size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].append_to(out, "optimizer/" + names[i] + "/", snapshot[i]);
  }
}

bool Optimizer::load(std::string_view name, const Tensor& source) {
  const std::vector<std::string>& names = optimizer_form(config_).slots;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string prefix = names[i] + "/";
    if (name.starts_with(prefix)) return slots_[i].load(name.substr(prefix.size()), source);
  }
  return false;
}

}  // namespace nnrun
