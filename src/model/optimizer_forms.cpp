#include "model/optimizer_forms.h"

#include <array>
#include <cmath>

#include "nnrun/error.h"

namespace nnrun {
namespace {

/// Keras rounds its constants to float32 first; 1 - 0.999 is then 0.00100005, here and in Adam's
/// rate.
double in_float32(double value) { return static_cast<float>(value); }

/// s = share s + (1 - share) x.
void average(const at::Tensor& s, double share, const at::Tensor& x) {
  s.mul_(share).add_(x, 1 - in_float32(share));
}

/// x / (sqrt(squares) + epsilon).
at::Tensor scaled(const at::Tensor& x, const at::Tensor& squares, const UpdateStep& step) {
  return x / (squares.sqrt() + step.config.epsilon);
}

void sgd(const UpdateStep& step, const UpdateTensors& v) { v.weight.sub_(v.gradient, step.rate); }

void sgd_momentum(const UpdateStep& step, const UpdateTensors& v) {
  const double momentum = step.config.momentum;
  const at::Tensor& velocity = v.slots[0].mul_(momentum).sub_(v.gradient, step.rate);
  if (step.config.nesterov) {
    v.weight.add_(velocity, momentum).sub_(v.gradient, step.rate);
  } else {
    v.weight.add_(velocity);
  }
}

void rmsprop(const UpdateStep& step, const UpdateTensors& v) {
  average(v.slots[0], step.config.rho, v.gradient.square());
  v.weight.sub_(scaled(v.gradient, v.slots[0], step), step.rate);
}

void rmsprop_momentum(const UpdateStep& step, const UpdateTensors& v) {
  average(v.slots[0], step.config.rho, v.gradient.square());
  v.slots[1].mul_(step.config.momentum).add_(scaled(v.gradient, v.slots[0], step), step.rate);
  v.weight.sub_(v.slots[1]);
}

void adam(const UpdateStep& step, const UpdateTensors& v) {
  v.weight.mul_(1 - decayed_share(step));
  average(v.slots[0], step.config.beta_1, v.gradient);
  const at::Tensor overflow = v.slots[1] - v.slots[1];  // 0, or NaN where it is infinite
  average(v.slots[1], step.config.beta_2, v.gradient.square());
  v.slots[1].add_(overflow);
  v.weight.sub_(scaled(v.slots[0], v.slots[1], step), effective_rate(step));
}

void adagrad(const UpdateStep& step, const UpdateTensors& v) {
  v.slots[0].add_(v.gradient.square());
  v.weight.sub_(scaled(v.gradient, v.slots[0], step), step.rate);
}

const std::array kOptimizerForms{
    OptimizerForm{OptimizerType::kSgd, false, {}, sgd},
    OptimizerForm{OptimizerType::kSgd, true, {"momentum"}, sgd_momentum},
    OptimizerForm{OptimizerType::kRmsprop, false, {"rms"}, rmsprop},
    OptimizerForm{OptimizerType::kRmsprop, true, {"rms", "momentum"}, rmsprop_momentum},
    OptimizerForm{OptimizerType::kAdam, false, {"m", "v"}, adam},
    OptimizerForm{OptimizerType::kAdamw, false, {"m", "v"}, adam},
    OptimizerForm{OptimizerType::kAdagrad, false, {"accumulator"}, adagrad},
};

}  // namespace

const OptimizerForm& optimizer_form(const OptimizerConfig& config) {
  const bool knows_momentum =
      config.type == OptimizerType::kSgd || config.type == OptimizerType::kRmsprop;
  const bool momentum = knows_momentum && config.momentum > 0;
  for (const OptimizerForm& form : kOptimizerForms) {
    if (form.type == config.type && form.momentum == momentum) return form;
  }
  throw Error(ExitCode::kBug, "no update rule for this optimizer");
}

double effective_rate(const UpdateStep& step) {
  const OptimizerType type = step.config.type;
  if (type != OptimizerType::kAdam && type != OptimizerType::kAdamw) return step.rate;
  const auto t = static_cast<double>(step.number);
  const double first = 1 - std::pow(in_float32(step.config.beta_1), t);
  return step.rate * std::sqrt(1 - std::pow(in_float32(step.config.beta_2), t)) / first;
}

double decayed_share(const UpdateStep& step) {
  return step.config.type == OptimizerType::kAdamw ? step.rate * step.config.weight_decay : 0;
}

}  // namespace nnrun
