#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "nnrun/config.h"
#include "nnrun/engine.h"
#include "nnrun/store.h"

/// The training loop: knows sessions and records, no files.
namespace nnrun {

/// Optimizer steps of an epoch over `examples`.
int64_t steps_per_epoch(const TrainingConfig& training, int64_t examples);

/// Initial weights as a pure function of plan and seed (`model/` prefix); the laws stand in the
/// plan.
Tensors initial_weights(const ModelPlan& plan, int64_t seed);

/// Checks that `weights` fit the plan in every name and shape and are floating-point numbers; returns
/// them with the `model/` prefix. Throws ConfigError at `init_from`.
Tensors fit_weights(const Experiment& experiment, const ModelPlan& plan, const WeightsFile& weights);

double value_of(const EpochRecord& record, Metric metric);
bool lower_is_better(Metric metric);

/// The best value so far by Keras's rule: better by more than `min_delta`. A value that is not
/// finite is never the first best.
class BestValue {
 public:
  BestValue(bool lower, double min_delta) : lower_(lower), min_delta_(min_delta) {}
  bool improve(double value);  ///< takes `value` if it is better than the best
  bool beats(double value, double reference) const;  ///< the rule itself
  std::optional<double> value() const { return value_; }
  void restore(std::optional<double> value) { value_ = value; }

 private:
  bool lower_;
  double min_delta_;
  std::optional<double> value_;
};

/// Learning rates, constant within an epoch; plateau (Keras's ReduceLROnPlateau) reacts to the
/// records it is shown, those of the warm-up left out.
///   Schedule schedule(optimizer, epochs);
///   session.train_epoch(epoch, schedule.rate(epoch)); …; schedule.observe(record);
class Schedule {
 public:
  Schedule(const OptimizerConfig& optimizer, int64_t epochs);
  double rate(int64_t epoch) const;
  void observe(const EpochRecord& record);  ///< after each epoch
  nlohmann::json state() const;
  void restore(const nlohmann::json& state);

 private:
  double factor(int64_t epoch) const;

  std::optional<ScheduleConfig> config_;
  double base_rate_;
  int64_t epochs_;
  double plateau_factor_ = 1;
  BestValue plateau_best_;
  int64_t plateau_wait_ = 0;
};

/// Keras's EarlyStopping.
///   EarlyStopping stopping(config);
///   if (stopping.observe(record)) break;
class EarlyStopping {
 public:
  explicit EarlyStopping(const EarlyStoppingConfig& config);
  bool observe(const EpochRecord& record);  ///< true: stop after this epoch
  /// The weights of the last record are the ones `restore_best` brings back.
  bool is_best() const { return is_best_; }
  nlohmann::json state() const;
  void restore(const nlohmann::json& state);

 private:
  EarlyStoppingConfig config_;
  BestValue best_;
  int64_t wait_ = 0;
  bool seen_ = false;  // a record at or after start_from_epoch
  bool is_best_ = false;
};

/// State of the loop between two epochs: everything a resume needs.
struct LoopState {
  std::vector<EpochRecord> rows;
  std::vector<EpochTiming> timings;
  std::optional<EpochRecord> best;  ///< by keep_best
  Tensors stopping_tensors;  ///< restore_best: early stopping's best weights, `model/` only
  int64_t updates = 0;
};

/// Brings the session back to where `checkpoint` was written and returns the loop's state there.
/// (With restore_best a checkpoint also holds early stopping's best weights, which no session
/// knows.)
LoopState resume(Session& session, const Checkpoint& checkpoint);

enum class Outcome { kDone, kStopped, kDiverged };

double monotonic_seconds();

/// What a save has to write besides the loop's state.
struct Saving {
  Tensors state;                ///< of the session, and early stopping's best weights
  std::optional<Tensors> best;  ///< weights of the best epoch, `model/` only, if the last save had others
  std::string loop_json;        ///< Checkpoint::loop_state
};

/// What the loop tells others. Called on the loop's thread, in this order.
struct LoopEvents {
  std::function<void(const LoopState&)> on_epoch;  ///< after each epoch: CSV, progress
  /// Save now, best.nnr before last.nnr. Returns the seconds it took.
  std::function<double(const LoopState&, Saving)> on_checkpoint;
  /// Seconds; only timings and the cadence of saving depend on it.
  std::function<double()> clock = monotonic_seconds;
  std::optional<int64_t> pause_after;  ///< stop behind this many epochs, as a signal would
};

/// Trains from `state` (fresh or restored, the session already holding its weights) to the end, a
/// stop signal, early stopping or divergence. `loop_json` is Checkpoint::loop_state of the
/// checkpoint resumed from.
Outcome fit(Session& session, const SessionRequest& request, LoopState& state,
            const std::string& loop_json, const LoopEvents& events);

}  // namespace nnrun
