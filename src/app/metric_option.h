#pragma once

#include "app/options.h"

namespace nnrun {

inline constexpr Metric kMetrics[] = {Metric::kValAccuracy, Metric::kValLoss, Metric::kAccuracy,
                                      Metric::kLoss};

/// The metric of `--metric`, which the option's reader has checked.
inline Metric metric_of(const Options& options) {
  for (const Metric metric : kMetrics) {
    if (options.metric == name_of(metric)) return metric;
  }
  return kMetrics[0];
}

}  // namespace nnrun
