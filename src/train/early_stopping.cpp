#include "nnrun/train.h"
#include "train/optional_json.h"

namespace nnrun {
namespace {

bool lower_for(const EarlyStoppingConfig& config) {
  return config.mode == Mode::kAuto ? lower_is_better(config.monitor) : config.mode == Mode::kMin;
}

}  // namespace

EarlyStopping::EarlyStopping(const EarlyStoppingConfig& config)
    : config_(config), best_(lower_for(config), config.min_delta) {}

// The order of steps is that of keras.callbacks.EarlyStopping.on_epoch_end.
bool EarlyStopping::observe(const EpochRecord& record) {
  is_best_ = false;
  if (record.epoch < config_.start_from_epoch) return false;
  const double current = value_of(record, config_.monitor);
  const bool improved = best_.improve(current);
  is_best_ = improved || !seen_;
  seen_ = true;
  ++wait_;
  if (improved) {
    if (!config_.baseline || best_.beats(current, *config_.baseline)) wait_ = 0;
    return false;
  }
  return wait_ >= config_.patience && record.epoch > 0;
}

nlohmann::json EarlyStopping::state() const {
  return {{"best", to_optional_json(best_.value())}, {"wait", wait_}, {"seen", seen_}};
}

void EarlyStopping::restore(const nlohmann::json& state) {
  best_.restore(from_optional_json<double>(state.at("best")));
  wait_ = state.at("wait").get<int64_t>();
  seen_ = state.at("seen").get<bool>();
}

}  // namespace nnrun
