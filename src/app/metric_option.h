#pragma once

#include "app/options.h"
#include "nnrun/tables.h"

namespace nnrun {

/// The metric of `--metric`, which the option's reader has checked.
inline Metric metric_of(const Options& options) {
  for (const Metric metric : kMetrics) {
    if (options.metric == name_of(metric)) return metric;
  }
  return kMetrics[0];
}

}  // namespace nnrun
