#pragma once

#include <cstdint>
#include <vector>

namespace nnrun {

/// NaN, which the engine gives the prediction of a row without probabilities, is the largest.
bool is_larger(float a, float b);

/// The class predicted by the probabilities of an example: the first of the largest.
int64_t predicted_class(const float* probabilities, int64_t outputs);

/// Examples by true class (row) and predicted class (column), as many of each as the model has
/// outputs.
using Confusion = std::vector<std::vector<int64_t>>;

/// `probabilities`: [labels.size(), outputs].
Confusion confusion_matrix(const std::vector<float>& probabilities,
                           const std::vector<int32_t>& labels);

/// One class against the rest; 0 where a denominator is 0.
struct ClassScore {
  double precision = 0, recall = 0, f1 = 0;
  int64_t examples = 0;
};
std::vector<ClassScore> class_scores(const Confusion& confusion);

}  // namespace nnrun
