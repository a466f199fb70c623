#pragma once

#include <cstdint>
#include <vector>

namespace nnrun {

/// Examples by true class (row) and predicted class (column), as many of each as the model has
/// outputs.
using Confusion = std::vector<std::vector<int64_t>>;

/// `probabilities`: [labels.size(), outputs]. The prediction is the first maximum of a row.
Confusion confusion_matrix(const std::vector<float>& probabilities,
                           const std::vector<int32_t>& labels);

/// One class against the rest; 0 where a denominator is 0.
struct ClassScore {
  double precision = 0, recall = 0, f1 = 0;
  int64_t examples = 0;
};
std::vector<ClassScore> class_scores(const Confusion& confusion);

}  // namespace nnrun
