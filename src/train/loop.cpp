#include "train/loop.h"

#include <chrono>
#include <utility>

#include "nnrun/stop.h"
#include "train/checkpoint_tensors.h"

namespace nnrun {
namespace {

/// The metric that keep_best watches.
std::optional<Metric> watched(KeepBest keep) {
  switch (keep) {
    case KeepBest::kValLoss:
      return Metric::kValLoss;
    case KeepBest::kValAccuracy:
      return Metric::kValAccuracy;
    case KeepBest::kLoss:
      return Metric::kLoss;
    case KeepBest::kAccuracy:
      return Metric::kAccuracy;
    case KeepBest::kNone:
      return std::nullopt;
  }
  return std::nullopt;
}

double mean(double sum, int64_t examples) { return sum / static_cast<double>(examples); }

EpochRecord record_of(int64_t epoch, const Sums& train, const Sums& validation) {
  return {.epoch = epoch,
          .accuracy = mean(static_cast<double>(train.correct), train.examples),
          .loss = mean(train.loss, train.examples),
          .val_accuracy = mean(static_cast<double>(validation.correct), validation.examples),
          .val_loss = mean(validation.loss, validation.examples)};
}

}  // namespace

int64_t steps_per_epoch(const TrainingConfig& training, int64_t examples) {
  const int64_t full = examples / training.batch_size;
  return training.drop_last ? full : full + (examples % training.batch_size != 0 ? 1 : 0);
}

Loop::Loop(Session& session, const SessionRequest& request, LoopState& state,
           const LoopEvents& events)
    : session_(session),
      request_(request),
      training_(request.training),
      state_(state),
      events_(events),
      schedule_(request.optimizer, request.training.epochs),
      watched_(watched(request.training.keep_best)),
      cadence_(request.training.checkpoint_every, events.clock()) {
  if (training_.early_stopping) stopping_.emplace(*training_.early_stopping);
  if (watched_) best_.emplace(lower_is_better(*watched_), /*min_delta=*/0);
}

Outcome Loop::run() {
  if (diverged_) return Outcome::kDiverged;
  if (is_at_pause() && !complete()) return Outcome::kStopped;
  if (exchanged_ && !complete()) exchange_weights();
  session_.mark(Mark::kLast);
  while (!complete()) {
    const bool finished = run_epoch();
    if (diverged_ || !finished || (asked_to_stop() && !complete())) {
      if (unsaved_) save();
      return diverged_ ? Outcome::kDiverged : Outcome::kStopped;
    }
    checkpoint_if_due();
  }
  finish();
  return Outcome::kDone;
}

bool Loop::complete() const {
  return stopped_early_ || static_cast<int64_t>(state_.rows.size()) >= training_.epochs;
}

/// By a signal, which is for all runs of the process, or by the events, for this run alone.
bool Loop::asked_to_stop() const { return stop_signal() != 0 || is_at_pause(); }

/// A run may begin there, or beyond: extended, or killed on the way to a later pause.
bool Loop::is_at_pause() const {
  return events_.pause_after && static_cast<int64_t>(state_.rows.size()) >= *events_.pause_after;
}

bool Loop::run_epoch() {
  const auto epoch = static_cast<int64_t>(state_.rows.size());
  const double start = events_.clock();
  const std::optional<Sums> train = session_.train_epoch(epoch, schedule_.rate(epoch));
  if (!train) return false;
  const double trained = events_.clock();
  const std::optional<Sums> validation =
      session_.evaluate(request_.dataset->validation_split(), epoch);
  if (!validation) return false;
  const double validated = events_.clock();

  session_.mark(Mark::kLast);
  unsaved_ = true;
  state_.updates += steps_per_epoch(training_, request_.dataset->train.size());
  state_.rows.push_back(record_of(epoch, *train, *validation));
  state_.timings.push_back({epoch, trained - start, validated - trained, /*checkpoint_seconds=*/0});
  diverged_ =
      training_.on_nonfinite == OnNonfinite::kStop && !(train->finite && validation->finite);
  observe(state_.rows.back());
  events_.on_epoch(state_);
  return true;
}

void Loop::observe(const EpochRecord& record) {
  schedule_.observe(record);
  if (stopping_) stopped_early_ = stopping_->observe(record);
  if (stopping_ && stopping_->is_best() && training_.early_stopping->restore_best) {
    session_.mark(Mark::kStopping);
    stopping_marked_ = true;
  }
  if (!best_ || !best_->improve(value_of(record, *watched_))) return;
  session_.mark(Mark::kBest);
  best_unsaved_ = true;
  state_.best = record;
}

void Loop::checkpoint_if_due() {
  if (complete()) return;  // finish() saves
  const EpochTiming& last = state_.timings.back();
  const auto epochs = static_cast<int64_t>(state_.rows.size());
  if (cadence_.due(epochs, events_.clock(), last.train_seconds + last.val_seconds)) save();
}

void Loop::save() {
  const double start = events_.clock();
  fetch_stopping();
  Saving saving{with_stopping_tensors(session_.state(Mark::kLast), state_.stopping_tensors),
                std::nullopt, loop_json()};
  if (best_unsaved_) saving.best = session_.state(Mark::kBest);
  const double copied = events_.clock() - start;
  const double cost = copied + events_.on_checkpoint(state_, std::move(saving));
  state_.timings.back().checkpoint_seconds = cost;
  unsaved_ = best_unsaved_ = false;
  cadence_.saved(events_.clock(), cost);
}

void Loop::finish() {
  fetch_stopping();
  const bool restore = training_.early_stopping && training_.early_stopping->restore_best;
  if (restore && !exchanged_ && !state_.stopping_tensors.empty()) exchange_weights();
  if (unsaved_) save();
}

/// Copies to the host wait until somebody wants them.
void Loop::fetch_stopping() {
  if (stopping_marked_) state_.stopping_tensors = session_.state(Mark::kStopping);
  stopping_marked_ = false;
}

/// Swaps the session's weights with early stopping's best ones: the end of a run with restore_best,
/// and back again when a raised number of epochs goes on behind that end.
void Loop::exchange_weights() {
  session_.mark(Mark::kStopping);  // what was marked there has been fetched
  Tensors current = session_.state(Mark::kStopping);
  session_.restore(state_.stopping_tensors, state_.updates);
  session_.mark(Mark::kLast);
  state_.stopping_tensors = std::move(current);
  exchanged_ = !exchanged_;
  unsaved_ = true;
}

double monotonic_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Outcome fit(Session& session, const SessionRequest& request, LoopState& state,
            const std::string& loop_json, const LoopEvents& events) {
  Loop loop(session, request, state, events);
  loop.recall(loop_json);
  return loop.run();
}

}  // namespace nnrun
