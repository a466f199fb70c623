#pragma once

#include <torch/torch.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/batches.h"
#include "model/executor.h"
#include "model/loss.h"
#include "model/meter.h"
#include "model/network.h"
#include "model/optimizer.h"
#include "model/phase_clock.h"
#include "model/resident_store.h"
#include "model/tensor_bank.h"
#include "nnrun/engine.h"

namespace nnrun {

/// The session of the engine. With a GpuRun it trains by a recording of the epoch's steps.
class TrainingSession final : public Session {
 public:
  /// `store`: of the splits that sessions share; null: this session has its own.
  TrainingSession(const SessionRequest& request, at::Device device, GpuParts gpu = {},
                  ResidentStore* store = nullptr);

  std::optional<Sums> train_epoch(int64_t epoch, double learning_rate) override;
  std::optional<Sums> evaluate(Split split, int64_t epoch) override;
  void mark(Mark mark) override;
  Tensors state(Mark mark) override;
  void restore(const Tensors& tensors, int64_t updates) override;
  std::vector<float> predict(const Examples& examples, int64_t epoch) override;
  std::vector<LayerOutput> activations(const Examples& examples,
                                       const std::vector<std::string>& layers) override;
  PhaseTimes profile(int64_t steps) override;

 private:
  int64_t steps_per_epoch();
  /// Of steps that change this state.
  std::unique_ptr<Executor> make_executor(std::vector<at::Tensor> state) const;
  std::vector<at::Tensor> training_state() const;
  /// Everything that differs from epoch to epoch, before the steps of one.
  void begin_epoch(int64_t epoch, int64_t steps, double learning_rate);
  /// The first `steps` steps of an epoch.
  std::optional<Sums> train_steps(Executor& executor, int64_t epoch, int64_t steps,
                                  double learning_rate);
  /// False: the loss is not finite and nothing was changed.
  bool train_step(int64_t step);
  Batch training_batch(int64_t step) const;
  LossRoot training_loss(const Batch& batch, int64_t step);

  /// What to do with a batch's logits.
  using UseLogits = std::function<void(const at::Tensor& logits, const Batch& batch)>;
  /// What goes through a network in large batches, in file order and without gradients.
  struct Inference {
    const Network& network;
    const ResidentExamples& examples;
  };
  int64_t inference_batches(const ResidentExamples& examples) const;
  void infer_batch(const Inference& inference, Context context, int64_t index,
                   const UseLogits& use) const;
  void infer(const Inference& inference, const Context& context, const UseLogits& use) const;

  /// A split's evaluation passes.
  struct Evaluation {
    Meter meter;
    std::unique_ptr<Executor> executor;
  };
  Evaluation& evaluation(Split split);
  Context context_for(int64_t epoch);
  static Context for_batch(Context context, const Batch& batch);
  const ResidentExamples& resident(Split split);

  ResidentStore* store_;
  const ModelPlan& plan_;
  const Dataset& dataset_;
  TrainingConfig training_;
  double learning_rate_;
  uint64_t seed_;
  at::Device device_;
  GpuParts gpu_;
  BatchSpec batch_spec_;
  TensorBank weights_;
  Network network_;
  Optimizer optimizer_;
  LossForm* loss_;
  std::array<std::shared_ptr<const ResidentExamples>, 3> splits_;  // by Split
  PhaseClock clock_;
  Order order_;            // of this epoch
  Context context_;        // of the pass under way
  at::Tensor epoch_cell_;  // with the CUDA half: [1] int32
  Meter meter_;            // of this epoch's steps
  std::unique_ptr<Executor> executor_;
  std::array<std::optional<Evaluation>, 3> evaluations_;  // by Split
  struct Marked {
    at::Tensor weights;
    std::vector<at::Tensor> slots;
  };
  std::array<Marked, 3> marked_;  // by Mark
};

}  // namespace nnrun
