#include <torch/torch.h>

#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "model/fused/fused.h"
#include "model/kernels/cpu/optimizers.h"
#include "nnrun/error.h"

namespace nnrun {
namespace {

constexpr int64_t kGrain = 1 << 15;  // entries per task

struct FusedForm {
  OptimizerType type;
  bool momentum;
  kernels::UpdateRule rule;
};

constexpr std::array kFusedForms{
    FusedForm{OptimizerType::kSgd, false, kernels::update_sgd},
    FusedForm{OptimizerType::kSgd, true, kernels::update_sgd_momentum},
    FusedForm{OptimizerType::kRmsprop, false, kernels::update_rmsprop},
    FusedForm{OptimizerType::kRmsprop, true, kernels::update_rmsprop_momentum},
    FusedForm{OptimizerType::kAdam, false, kernels::update_adam},
    FusedForm{OptimizerType::kAdamw, false, kernels::update_adam},
    FusedForm{OptimizerType::kAdagrad, false, kernels::update_adagrad},
};

kernels::UpdateRule rule_of(const OptimizerForm& wanted) {
  for (const FusedForm& form : kFusedForms) {
    if (form.type == wanted.type && form.momentum == wanted.momentum) return form.rule;
  }
  throw Error(ExitCode::kBug, "no loop for this optimizer");
}

/// Adam's rule alone wants its rate with the bias corrections in it.
bool is_adam(OptimizerType type) {
  return type == OptimizerType::kAdam || type == OptimizerType::kAdamw;
}

kernels::UpdateScalars scalars_of(const UpdateStep& step) {
  const OptimizerConfig& config = step.config;
  kernels::UpdateScalars scalars;
  scalars.rate = static_cast<float>(is_adam(config.type) ? corrected_rate(step) : step.rate);
  scalars.decay = static_cast<float>(decayed_share(step));
  scalars.momentum = static_cast<float>(config.momentum);
  scalars.nesterov = config.nesterov;
  scalars.rho = static_cast<float>(config.rho);
  scalars.beta_1 = static_cast<float>(config.beta_1);
  scalars.beta_2 = static_cast<float>(config.beta_2);
  scalars.epsilon = static_cast<float>(config.epsilon);
  return scalars;
}

kernels::UpdateArrays arrays_of(const UpdateTensors& variable, int64_t begin, int64_t end) {
  kernels::UpdateArrays arrays;
  arrays.weight = variable.weight.data_ptr<float>() + begin;
  arrays.gradient = variable.gradient.const_data_ptr<float>() + begin;
  for (size_t i = 0; i < variable.slots.size(); ++i) {
    arrays.slots[i] = variable.slots[i].data_ptr<float>() + begin;
  }
  arrays.size = end - begin;
  return arrays;
}

/// Sum of squares in double precision; the order of summation depends on the size alone.
double squared_norm(const at::Tensor& tensor) {
  constexpr int64_t kLanes = 8;
  const float* const values = tensor.const_data_ptr<float>();
  const int64_t size = tensor.numel(), whole = size / kLanes * kLanes;
  std::array<double, kLanes> sums{};
  for (int64_t i = 0; i < whole; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const double value = values[i + lane];
      sums[static_cast<size_t>(lane)] += value * value;
    }
  }
  for (int64_t i = whole; i < size; ++i) sums[0] += double{values[i]} * double{values[i]};
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

/// One pass over memory per variable, cut over the threads.
class FusedBackend final : public OptimizerBackend {
 public:
  void update(const UpdateStep& step, const UpdateTensors& variable) const override {
    const kernels::UpdateRule rule = rule_of(optimizer_form(step.config));
    const kernels::UpdateScalars scalars = scalars_of(step);
    at::parallel_for(0, variable.weight.numel(), kGrain, [&](int64_t begin, int64_t end) {
      rule(scalars, arrays_of(variable, begin, end));
    });
  }

  void clip_norm(const std::vector<at::Tensor>& gradients, double limit) const override {
    double squares = 0;
    for (const at::Tensor& gradient : gradients) squares += squared_norm(gradient);
    const double norm = std::sqrt(squares);
    if (norm <= limit) return;  // false for NaN, which has to spread
    for (const at::Tensor& gradient : gradients) gradient.mul_(limit / norm);
  }
};

}  // namespace

const OptimizerBackend& fused_backend() {
  static const FusedBackend backend;
  return backend;
}

}  // namespace nnrun
