#pragma once

#include <vector>

#include "nnrun/store.h"

namespace nnrun::testing {

/// Metric values that rise and fall; the lists of tests/reference/make_train_reference.py.
inline const std::vector<double> kLosses{1.0, 0.8,  0.9,  0.85, 0.79, 0.81, 0.82,
                                         0.7, 0.75, 0.74, 0.73, 0.72, 0.71, 0.9};
inline const std::vector<double> kAccuracies{0.1, 0.3, 0.2,  0.31, 0.35, 0.35, 0.34,
                                             0.5, 0.4, 0.41, 0.42, 0.43, 0.44, 0.45};

/// A record with all four metrics at `value`.
inline EpochRecord record(int64_t epoch, double value) {
  return {epoch, value, value, value, value};
}

}  // namespace nnrun::testing
