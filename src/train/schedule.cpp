#include <cmath>
#include <numbers>

#include "nnrun/train.h"
#include "train/optional_json.h"

namespace nnrun {
namespace {

BestValue plateau_best(const ScheduleConfig& config) {
  return {lower_is_better(config.monitor), config.min_delta};
}

/// Position of `epoch` between `from` (0) and `to` (1); 1 where the stretch is empty.
double progress(int64_t epoch, int64_t from, int64_t to) {
  return to > from ? static_cast<double>(epoch - from) / static_cast<double>(to - from) : 1;
}

double line(double from, double to, double t) { return from + (to - from) * t; }

double cosine(double final_factor, double t) {
  return final_factor + (1 - final_factor) * (1 + std::cos(std::numbers::pi * t)) / 2;
}

}  // namespace

Schedule::Schedule(const OptimizerConfig& optimizer, int64_t epochs)
    : config_(optimizer.schedule),
      base_rate_(optimizer.learning_rate),
      epochs_(epochs),
      plateau_best_(plateau_best(config_.value_or(ScheduleConfig{}))) {}

double Schedule::rate(int64_t epoch) const { return base_rate_ * factor(epoch); }

double Schedule::factor(int64_t epoch) const {
  if (!config_) return 1;
  const ScheduleConfig& c = *config_;
  const int64_t warmup = c.warmup_epochs, last = epochs_ - 1;
  if (epoch < warmup) return static_cast<double>(epoch + 1) / static_cast<double>(warmup + 1);
  switch (c.type) {
    case ScheduleType::kStep:
      return std::pow(c.factor, (epoch - warmup) / c.every);
    case ScheduleType::kCosine:
      return cosine(c.final_factor, epoch > warmup ? progress(epoch, warmup, last) : 0);
    case ScheduleType::kOneCycle:
      return epoch <= c.peak_epoch ? line(c.start, 1, progress(epoch, warmup, c.peak_epoch))
                                   : line(1, c.final_factor, progress(epoch, c.peak_epoch, last));
    case ScheduleType::kPlateau:
      return plateau_factor_;
  }
  return 1;
}

void Schedule::observe(const EpochRecord& record) {
  if (!config_ || config_->type != ScheduleType::kPlateau || record.epoch < config_->warmup_epochs)
    return;
  if (plateau_best_.improve(value_of(record, config_->monitor))) {
    plateau_wait_ = 0;
  } else if (++plateau_wait_ >= config_->patience) {
    plateau_factor_ *= config_->factor;
    plateau_wait_ = 0;
  }
}

nlohmann::json Schedule::state() const {
  return {{"factor", plateau_factor_},
          {"best", to_optional_json(plateau_best_.value())},
          {"wait", plateau_wait_}};
}

void Schedule::restore(const nlohmann::json& state) {
  plateau_factor_ = state.at("factor").get<double>();
  plateau_best_.restore(from_optional_json<double>(state.at("best")));
  plateau_wait_ = state.at("wait").get<int64_t>();
}

}  // namespace nnrun
