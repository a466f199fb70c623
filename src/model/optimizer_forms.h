#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "nnrun/config.h"

/// Keras's update rules (legacy Keras 2 where the versions differ) in LibTorch's operations.
namespace nnrun {

/// What an update depends on besides the arrays.
struct UpdateStep {
  OptimizerConfig config;
  double rate = 0;     ///< learning rate of this epoch
  int64_t number = 0;  ///< of this update, from 1
};

/// One variable of an update; slots in the order of OptimizerForm::slots.
struct UpdateTensors {
  at::Tensor weight, gradient;
  std::vector<at::Tensor> slots;
};

/// One row of the optimizer table.
struct OptimizerForm {
  OptimizerType type;
  bool momentum;                   ///< the row for momentum > 0
  std::vector<std::string> slots;  ///< names, as in checkpoints
  void (*rule)(const UpdateStep& step, const UpdateTensors& variable);
};

/// The row that `config` asks for.
const OptimizerForm& optimizer_form(const OptimizerConfig& config);

/// The step's rate; Adam's with both bias corrections, rate * sqrt(1 - beta_2^t) / (1 - beta_1^t):
/// the "epsilon hat" form of Kingma and Ba (2015, end of section 2).
double effective_rate(const UpdateStep& step);

/// Share of each weight that adamw takes off before Adam's step; 0 for the others.
double decayed_share(const UpdateStep& step);

}  // namespace nnrun
