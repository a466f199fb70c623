#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/cuda_half.h"
#include "model/stretch.h"
#include "model/tensor_bank.h"
#include "nnrun/config.h"
#include "nnrun/engine.h"

namespace nnrun {

class OptimizerBackend;

/// Moves the trainable tensors of a bank along their gradients; keeps the slots.
///   Optimizer optimizer(config, weights, tensor_backend());
///   optimizer.begin_epoch(rate, steps);
///   for (i = 0; i < steps; ++i) optimizer.step(gradients, i);  // in the order of variables()
///   optimizer.end_epoch(steps);
class Optimizer {
 public:
  /// `half` (may be null) carries the updates out instead of `backend`.
  Optimizer(const OptimizerConfig& config, const TensorBank& weights,
            const OptimizerBackend& backend, const CudaHalf* half = nullptr);

  /// Before the steps of an epoch, which share a learning rate.
  void begin_epoch(double rate, int64_t steps);
  /// Clips the gradients (in place, perhaps) and applies update `step` of the epoch. Takes dense
  /// gradients into flat buffers; from the second step on a backward pass may write one straight to
  /// its place there, the grad() of the variable.
  void step(const std::vector<at::Tensor>& gradients, int64_t step);
  void end_epoch(int64_t steps) { updates_ += steps; }

  const std::vector<at::Tensor>& variables() const {
    return variables_;
  }                                                          ///< the trainable tensors
  void set_updates(int64_t updates) { updates_ = updates; }  ///< steps of all epochs so far
  std::vector<at::Tensor> state() const;                     ///< the slots' buffers

  /// Appends the entries of state(), or of copies of it, as `optimizer/<slot>/<name>`.
  void append_to(Tensors& out, const std::vector<at::Tensor>& state) const;
  bool load(std::string_view name, const Tensor& source);  ///< `<slot>/<name>`; false: no such slot

 private:
  void update(const std::vector<at::Tensor>& gradients, int64_t step);
  std::vector<at::Tensor> take(const std::vector<at::Tensor>& gradients);
  void clip(const std::vector<at::Tensor>& gradients) const;
  void cut(const std::vector<at::Tensor>& gradients);
  FlatOptimizerSpec flat_spec() const;

  OptimizerConfig config_;
  const TensorBank& weights_;
  const OptimizerBackend& backend_;
  std::vector<at::Tensor> variables_;
  std::vector<std::vector<size_t>>
      norm_groups_;  // variables whose norm counts as one under clip_norm
  std::vector<TensorBank> slots_;
  std::unique_ptr<FlatOptimizer> flat_;  // null: the backend works
  std::vector<Stretch> stretches_;       // for the backend; from the first step on
  double rate_ = 0;
  int64_t updates_ = 0;  // before this epoch
};

}  // namespace nnrun
