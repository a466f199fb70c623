#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nnrun/config.h"
#include "nnrun/engine.h"
#include "nnrun/store.h"

/// The training loop: knows sessions and records, no files.
namespace nnrun {

/// Initial weights as a pure function of plan and seed (`model/` prefix); the laws stand in the plan.
Tensors initial_weights(const ModelPlan& plan, int64_t seed);

/// Checks that `weights` fit the plan in every name and shape; returns them with the `model/` prefix.
/// Throws ConfigError at `init_from`.
Tensors fit_weights(const Experiment& experiment, const ModelPlan& plan, const Tensors& weights);

/// Learning-rate factors. Constant within an epoch; plateau reacts to the records it is shown.
class Schedule {
 public:
  Schedule(const OptimizerConfig& optimizer, int64_t epochs);
  double rate(int64_t epoch) const;
  void observe(const EpochRecord& record);   ///< after each epoch
  std::string state() const;                 ///< JSON
  void restore(const std::string& state);

 private:
  std::optional<ScheduleConfig> config_;
  double base_rate_;
  int64_t epochs_;
  double plateau_factor_ = 1;
  double plateau_best_;
  int64_t plateau_wait_ = 0;
};

/// Keras's EarlyStopping.
class EarlyStopping {
 public:
  explicit EarlyStopping(const EarlyStoppingConfig& config);
  bool observe(const EpochRecord& record);   ///< true: stop after this epoch
  bool improved() const { return improved_; }  ///< the last record was a new best
  std::string state() const;
  void restore(const std::string& state);

 private:
  EarlyStoppingConfig config_;
  double best_;
  int64_t wait_ = 0;
  bool improved_ = false;
};

double value_of(const EpochRecord& record, Metric metric);
bool lower_is_better(Metric metric);

/// State of the loop between two epochs: everything a resume needs.
struct LoopState {
  std::vector<EpochRecord> rows;
  std::vector<EpochTiming> timings;
  std::optional<EpochRecord> best;      ///< by keep_best
  Tensors best_tensors;                 ///< weights of that epoch, `model/` only; empty when keep_best is none
  bool best_saved = false;              ///< best_tensors stand in best.nnr already
  int64_t updates = 0;
};

enum class Outcome { kDone, kStopped, kDiverged };

/// What the loop tells others. Called on the loop's thread, in this order.
struct LoopEvents {
  std::function<void(const LoopState&)> on_epoch;            ///< after each epoch: CSV, progress
  /// Save now; `final`: the last save of this call. Returns the seconds it took.
  std::function<double(const LoopState&, const Tensors& state, const std::string& loop_json, bool final)> on_checkpoint;
};

/// Trains from `state` (fresh or restored, the session already holding its weights) to the end, a stop
/// signal, early stopping or divergence. `loop_json` is Checkpoint::loop_state of the checkpoint resumed from.
Outcome fit(Session& session, const SessionRequest& request, LoopState& state, const std::string& loop_json,
            const LoopEvents& events);

}  // namespace nnrun
