#pragma once

#include <optional>
#include <string>

#include "nnrun/train.h"
#include "train/cadence.h"

namespace nnrun {

/// One call of `fit`: the epochs from the state it is given to the end.
class Loop {
 public:
  Loop(Session& session, const SessionRequest& request, LoopState& state, const LoopEvents& events);

  /// Takes up what a checkpoint remembers ("" for a fresh run). Throws StoreError.
  void recall(const std::string& loop_json);
  Outcome run();

 private:
  bool complete() const;
  bool asked_to_stop() const;
  bool is_at_pause() const;
  bool run_epoch();  ///< false: a stop signal came before its end, nothing was recorded
  void observe(const EpochRecord& record);
  void checkpoint_if_due();
  void save();
  void finish();
  void fetch_stopping();
  void exchange_weights();
  std::string loop_json() const;
  void recall_best(std::optional<size_t> epoch);

  Session& session_;
  const SessionRequest& request_;
  const TrainingConfig& training_;
  LoopState& state_;
  const LoopEvents& events_;
  Schedule schedule_;
  std::optional<EarlyStopping> stopping_;
  std::optional<Metric> watched_;  ///< by keep_best
  std::optional<BestValue> best_;
  Cadence cadence_;
  bool diverged_ = false;
  bool stopped_early_ = false;
  bool exchanged_ =
      false;  ///< the session holds early stopping's best weights, stopping_tensors the last ones
  bool unsaved_ = false;       ///< something happened since the last checkpoint
  bool best_unsaved_ = false;  ///< so did a new best epoch, whose weights the session has marked
  bool stopping_marked_ =
      false;  ///< early stopping's best weights: stopping_tensors are older ones
};

}  // namespace nnrun
