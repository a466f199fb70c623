#include "app/recorder.h"

#include <numeric>
#include <utility>

#include "nnrun/log.h"

namespace nnrun {
namespace {

constexpr std::chrono::milliseconds kBetweenWrites{100};

double total_seconds(const LoopState& state) {
  return std::accumulate(state.timings.begin(), state.timings.end(), 0.0,
                         [](double sum, const EpochTiming& t) {
                           return sum + t.train_seconds + t.val_seconds + t.checkpoint_seconds;
                         });
}

/// The rows up to and with the epoch of the best weights.
std::vector<EpochRecord> rows_until(const std::vector<EpochRecord>& rows, int64_t epoch) {
  return {rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(epoch + 1)};
}

}  // namespace

Recorder::Recorder(const RunDirectory& directory, Identity identity, Summary summary,
                   Progress& progress)
    : directory_(directory),
      identity_(std::move(identity)),
      summary_(std::move(summary)),
      progress_(progress) {
  summary_.status = "running";
  directory_.write_summary(summary_);
}

LoopEvents Recorder::events() {
  LoopEvents events;
  events.on_epoch = [this](const LoopState& state) { epoch(state); };
  events.on_checkpoint = [this](const LoopState& state, Saving saving) {
    return checkpoint(state, std::move(saving));
  };
  return events;
}

void Recorder::epoch(const LoopState& state) {
  progress_.epoch(state.rows.back());
  const auto now = std::chrono::steady_clock::now();
  if (now - last_write_ >= kBetweenWrites) {
    last_write_ = now;
    write_rows(state);
  }
  callback_(state);
}

void Recorder::write_rows(const LoopState& state) {
  directory_.write_metrics(state.rows);
  write_auxiliary(state);
  summary_.epochs = static_cast<int64_t>(state.rows.size());
  if (!state.rows.empty()) summary_.last = state.rows.back();
  summary_.best = state.best;
  summary_.seconds = total_seconds(state);
  directory_.write_summary(summary_);
}

/// Files whose loss does no harm to the result.
void Recorder::write_auxiliary(const LoopState& state) {
  try {
    directory_.write_timing(state.timings);
  } catch (const EnvironmentError& error) {
    log_warning(std::string("timing.csv was not written: ") + error.what());
  }
  try {
    if (events_) events_->write(state.rows, state.timings);
  } catch (const EnvironmentError& error) {
    log_warning(std::string("TensorBoard's events were not written: ") + error.what());
  }
}

double Recorder::checkpoint(const LoopState& state, Saving saving) {
  const auto start = std::chrono::steady_clock::now();
  Checkpoint checkpoint;
  checkpoint.config_hash = identity_.config_hash;
  checkpoint.data_hash = identity_.data_hash;
  checkpoint.exact = summary_.exact;
  if (saving.best) {  // before last.nnr, which refers to it
    checkpoint.tensors = std::move(*saving.best);
    checkpoint.rows = rows_until(state.rows, state.best->epoch);
    directory_.write_checkpoint("best.nnr", checkpoint);
  }
  checkpoint.tensors = std::move(saving.state);
  checkpoint.rows = state.rows;
  checkpoint.timings = state.timings;
  checkpoint.loop_state = std::move(saving.loop_json);
  checkpoint.updates = state.updates;
  directory_.write_checkpoint("last.nnr", checkpoint);
  summary_.weights_sha256 = weights_sha256(checkpoint.tensors);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void Recorder::finish(const LoopState& state, const std::string& status) {
  summary_.status = status;
  write_rows(state);
}

}  // namespace nnrun
