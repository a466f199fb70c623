#include "train/loop_memory.h"

#include "nnrun/error.h"
#include "train/loop.h"
#include "train/optional_json.h"

// What the loop remembers in a checkpoint besides tensors and rows.
namespace nnrun {

std::string Loop::loop_json() const {
  nlohmann::json memory{{"diverged", diverged_},
                        {"stopped_early", stopped_early_},
                        {"exchanged", exchanged_},
                        {"schedule", schedule_.state()}};
  memory["best_epoch"] = state_.best ? nlohmann::json(state_.best->epoch) : nlohmann::json(nullptr);
  if (stopping_) memory["early_stopping"] = stopping_->state();
  return memory.dump();
}

void Loop::recall(const std::string& loop_json) {
  if (loop_json.empty()) return;
  try {
    const nlohmann::json memory = nlohmann::json::parse(loop_json);
    memory.at("diverged").get_to(diverged_);
    memory.at("stopped_early").get_to(stopped_early_);
    memory.at("exchanged").get_to(exchanged_);
    schedule_.restore(memory.at("schedule"));
    if (stopping_) stopping_->restore(memory.at("early_stopping"));
    recall_best(from_optional_json<size_t>(memory.at("best_epoch")));
  } catch (const nlohmann::json::exception& error) {
    throw StoreError("the checkpoint's loop state is damaged: " + escaped(error.what()));
  }
}

void Loop::recall_best(std::optional<size_t> epoch) {
  state_.best.reset();
  if (!epoch || !best_) return;
  if (*epoch >= state_.rows.size()) throw StoreError("the checkpoint's best epoch has no row");
  state_.best = state_.rows[*epoch];
  best_->restore(value_of(*state_.best, *watched_));
}

int64_t epoch_of_weights(const Checkpoint& last, const TrainingConfig& training) {
  int64_t epoch = static_cast<int64_t>(last.rows.size()) - 1;
  const auto memory = nlohmann::json::parse(last.loop_state, nullptr, /*allow_exceptions=*/false);
  if (!training.early_stopping || !memory.is_object() || !memory.value("exchanged", false))
    return epoch;
  EarlyStopping stopping(*training.early_stopping);
  for (const EpochRecord& row : last.rows) {
    stopping.observe(row);
    if (stopping.is_best()) epoch = row.epoch;
  }
  return epoch;
}

}  // namespace nnrun
