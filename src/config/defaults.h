#pragma once

#include "config/sweep_fields.h"
#include "nnrun/config.h"

/// Defaults that follow from an object's `type`; the others are the members' initialisers.
namespace nnrun {

inline DataConfig defaults_of(DataType type) {
  DataConfig data;
  data.type = type;
  if (type == DataType::kSyntheticImages) data.classes = 10;
  if (type == DataType::kSyntheticText) {
    data.classes = 4;
    data.unit = TextUnit::kWord;
    data.max_length = 40;
  }
  return data;
}

inline LayerConfig defaults_of(LayerType type) {
  LayerConfig layer;
  layer.type = type;
  if (type == LayerType::kRnn) layer.activation = Activation::kTanh;
  return layer;
}

inline OptimizerConfig defaults_of(OptimizerType type) {
  OptimizerConfig optimizer;
  optimizer.type = type;
  if (type != OptimizerType::kSgd) optimizer.learning_rate = 0.001;
  return optimizer;
}

inline ScheduleConfig defaults_of(ScheduleType type) {
  ScheduleConfig schedule;
  schedule.type = type;
  return schedule;
}

inline HyperbandFile defaults_of(EarlyTerminateType) { return {}; }

/// Whether an object's other keys follow from its `type`.
template <typename C>
concept Typed = requires(C& config) {
  { defaults_of(config.type) } -> std::same_as<std::remove_const_t<C>>;
};

}  // namespace nnrun
