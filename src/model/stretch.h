#pragma once

#include <torch/torch.h>

#include <optional>
#include <vector>

#include "model/optimizer_forms.h"
#include "model/tensor_bank.h"

namespace nnrun {

/// Neighbouring variables that an update moves as one, since their weights, gradients and slots lie
/// in flat buffers; or one table whose gradients are rows (see row_gradient.h).
struct Stretch {
  size_t begin, end;                    ///< variables
  std::optional<TensorBank> gradients;  ///< places of the gradients; none for rows
  UpdateTensors tensors;                ///< for rows: without a gradient
};

/// Cuts the trainable tensors of `weights` into as few stretches as there can be. `gradients` of
/// any step, by variable, tell by being sparse which come as rows.
std::vector<Stretch> stretches_of(const TensorBank& weights, const std::vector<TensorBank>& slots,
                                  const std::vector<at::Tensor>& gradients);

}  // namespace nnrun
