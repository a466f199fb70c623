#pragma once

#include <torch/torch.h>

#include <string>
#include <string_view>
#include <vector>

#include "model/tensor_bank.h"
#include "nnrun/config.h"
#include "nnrun/engine.h"

namespace nnrun {

class OptimizerBackend;

/// Moves the trainable tensors of a bank along their gradients; keeps the slots.
///   Optimizer optimizer(config, weights, host_backend());
///   optimizer.step(gradients, rate);  // in the order of optimizer.variables()
class Optimizer {
 public:
  Optimizer(const OptimizerConfig& config, const TensorBank& weights,
            const OptimizerBackend& backend);

  /// Clips the gradients (in place) and applies one update.
  void step(const std::vector<at::Tensor>& gradients, double rate);

  const std::vector<at::Tensor>& variables() const {
    return variables_;
  }                                                          ///< the trainable tensors
  void set_updates(int64_t updates) { updates_ = updates; }  ///< steps done so far

  /// Flat copies of all slots; `append_to` writes such copies out as `optimizer/<slot>/<name>`.
  std::vector<at::Tensor> snapshot() const;
  void append_to(Tensors& out, const std::vector<at::Tensor>& snapshot) const;
  bool load(std::string_view name, const Tensor& source);  ///< `<slot>/<name>`; false: no such slot

 private:
  void clip(const std::vector<at::Tensor>& gradients) const;

  OptimizerConfig config_;
  const OptimizerBackend& backend_;
  std::vector<at::Tensor> variables_;
  std::vector<std::vector<size_t>>
      norm_groups_;  // variables whose norm counts as one under clip_norm
  std::vector<TensorBank> slots_;
  int64_t updates_ = 0;
};

}  // namespace nnrun
