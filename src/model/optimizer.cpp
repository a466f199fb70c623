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

std::vector<at::Tensor> row_major(std::vector<at::Tensor> tensors) {
  for (at::Tensor& tensor : tensors) tensor = tensor.contiguous();
  return tensors;
}

StepScalars scalars_of(const UpdateStep& step) {
  return {static_cast<float>(effective_rate(step)), static_cast<float>(decayed_share(step))};
}

}  // namespace

Optimizer::Optimizer(const OptimizerConfig& config, const TensorBank& weights,
                     const OptimizerBackend& backend, const CudaHalf* half)
    : config_(config), weights_(weights), backend_(backend) {
  const std::vector<ParameterSpec> specs = trainable(weights.specs());
  for (const ParameterSpec& spec : specs) variables_.push_back(weights[spec.name]);
  norm_groups_ = variables_of_keras(specs);
  const double initial = config.type == OptimizerType::kAdagrad ? config.initial_accumulator : 0;
  for (size_t i = 0; i < optimizer_form(config).slots.size(); ++i) {
    slots_.emplace_back(specs, weights.flat().device(), initial);
  }
  if (half != nullptr) flat_ = half->flat_optimizer(flat_spec());
}

FlatOptimizerSpec Optimizer::flat_spec() const {
  FlatOptimizerSpec spec{config_, weights_.flat(), state(), variables_, {}, {}};
  if (!slots_.empty()) spec.slot_entries = slots_[0].tensors();
  spec.norm_groups.resize(variables_.size());
  for (size_t group = 0; group < norm_groups_.size(); ++group) {
    for (const size_t i : norm_groups_[group]) spec.norm_groups[i] = static_cast<int32_t>(group);
  }
  return spec;
}

void Optimizer::begin_epoch(double rate, int64_t steps) {
  rate_ = rate;
  if (!flat_) return;
  std::vector<StepScalars> scalars;
  for (int64_t i = 0; i < steps; ++i) {
    scalars.push_back(scalars_of({config_, rate, updates_ + i + 1}));
  }
  flat_->begin_epoch(scalars);
}

void Optimizer::step(const std::vector<at::Tensor>& gradients, int64_t step) {
  const at::NoGradGuard no_grad;
  if (flat_) {
    flat_->step(row_major(gradients), step);
  } else {
    update(gradients, step);
  }
}

void Optimizer::update(const std::vector<at::Tensor>& gradients, int64_t step) {
  clip(take(gradients));
  const UpdateStep update{config_, rate_, updates_ + step + 1};
  for (const Stretch& stretch : stretches_) backend_.update(update, stretch.tensors);
}

/// Brings gradients to where the updates read them. What they consist of, by variable.
std::vector<at::Tensor> Optimizer::take(const std::vector<at::Tensor>& gradients) {
  if (stretches_.empty()) cut(gradients);
  std::vector<at::Tensor> entries;
  for (Stretch& stretch : stretches_) {
    if (!stretch.gradients) {
      stretch.tensors.gradient = gradients[stretch.begin];
      entries.push_back(entries_of(stretch.tensors.gradient));
      continue;
    }
    for (size_t i = stretch.begin; i < stretch.end; ++i) {
      const at::Tensor& place = variables_[i].grad();
      if (gradients[i].const_data_ptr() != place.const_data_ptr()) place.copy_(gradients[i]);
      entries.push_back(place);
    }
  }
  return entries;
}

/// Now that it is known which gradients are sparse.
void Optimizer::cut(const std::vector<at::Tensor>& gradients) {
  stretches_ = stretches_of(weights_, slots_, gradients);
  for (const Stretch& stretch : stretches_) {
    for (size_t i = stretch.begin; stretch.gradients && i < stretch.end; ++i) {
      variables_[i].mutable_grad() = stretch.gradients->tensors()[i - stretch.begin];
    }
  }
}

void Optimizer::clip(const std::vector<at::Tensor>& gradients) const {
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

std::vector<at::Tensor> Optimizer::state() const {
  std::vector<at::Tensor> buffers;
  for (const TensorBank& slot : slots_) buffers.push_back(slot.flat());
  return buffers;
}

void Optimizer::append_to(Tensors& out, const std::vector<at::Tensor>& state) const {
  const std::vector<std::string>& names = optimizer_form(config_).slots;
  for (size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].append_to(out, "optimizer/" + names[i] + "/", state[i]);
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
