#include <cmath>

#include "nnrun/train.h"

namespace nnrun {

double value_of(const EpochRecord& record, Metric metric) {
  switch (metric) {
    case Metric::kValLoss:
      return record.val_loss;
    case Metric::kValAccuracy:
      return record.val_accuracy;
    case Metric::kLoss:
      return record.loss;
    case Metric::kAccuracy:
      return record.accuracy;
  }
  return std::nan("");
}

bool lower_is_better(Metric metric) {
  return metric == Metric::kValLoss || metric == Metric::kLoss;
}

bool BestValue::beats(double value, double reference) const {
  return lower_ ? value + min_delta_ < reference : value - min_delta_ > reference;
}

bool BestValue::improve(double value) {
  const bool better = value_ ? beats(value, *value_) : std::isfinite(value);
  if (better) value_ = value;
  return better;
}

}  // namespace nnrun
