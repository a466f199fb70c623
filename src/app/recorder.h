#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "nnrun/store.h"
#include "nnrun/train.h"
#include "report/events.h"
#include "report/progress.h"

namespace nnrun {

/// Writes what the training loop emits: metric rows after every epoch (at most ten times a second),
/// checkpoints when the loop asks, the summary along with both.
///   Recorder recorder(directory, identity, summary, progress);
///   fit(session, request, state, loop_json, recorder.events());
///   recorder.finish(state, "done");
class Recorder {
 public:
  /// What ties a checkpoint to its run.
  struct Identity {
    std::string config_hash, data_hash;
  };

  /// `summary` holds what is known before the first epoch (parameters, seed, device, exact).
  Recorder(const RunDirectory& directory, Identity identity, Summary summary, Progress& progress);

  LoopEvents events();

  /// Called after each epoch, once its row stands.
  void on_epoch(std::function<void(const LoopState&)> callback) { callback_ = std::move(callback); }

  /// Keeps TensorBoard's event file along with the metric rows.
  void keep_events(EventFile events) { events_ = std::move(events); }

  Summary& summary() { return summary_; }

  /// Brings every file up to date with the end of the loop.
  void finish(const LoopState& state, const std::string& status);

 private:
  void epoch(const LoopState& state);
  double checkpoint(const LoopState& state, Saving saving);
  void write_rows(const LoopState& state);
  void write_auxiliary(const LoopState& state);

  const RunDirectory& directory_;
  Identity identity_;
  Summary summary_;
  Progress& progress_;
  std::optional<EventFile> events_;
  std::function<void(const LoopState&)> callback_ = [](const LoopState&) {};
  std::chrono::steady_clock::time_point last_write_{};
};

}  // namespace nnrun
