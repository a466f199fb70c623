#include "model/kernels/cpu/loss.h"

#include <cmath>

namespace nnrun::kernels {
namespace {

/// Place of the first largest value; the first NaN counts as the largest.
int64_t largest(const float* values, int64_t count) {
  int64_t best = 0;
  for (int64_t i = 1; i < count && !std::isnan(values[best]); ++i) {
    if (values[i] > values[best] || std::isnan(values[i])) best = i;
  }
  return best;
}

/// log(sum of exp(values)), the largest taken out so that nothing overflows.
double log_sum_exp(const float* values, int64_t count, float most) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += std::exp(values[i] - most);
  return double{most} + std::log(sum);
}

}  // namespace

LossSums softmax_cross_entropy(const float* logits, const int64_t* labels, int64_t rows,
                               int64_t classes, float* gradient) {
  LossSums sums;
  const float share = 1.F / static_cast<float>(rows);
  for (int64_t row = 0; row < rows; ++row, logits += classes) {
    const int64_t best = largest(logits, classes), label = labels[row];
    const double normalizer = log_sum_exp(logits, classes, logits[best]);
    sums.loss += normalizer - double{logits[label]};
    sums.correct += best == label ? 1 : 0;
    if (gradient == nullptr) continue;
    for (int64_t i = 0; i < classes; ++i)
      gradient[i] = share * std::exp(static_cast<float>(double{logits[i]} - normalizer));
    gradient[label] -= share;
    gradient += classes;
  }
  return sums;
}

}  // namespace nnrun::kernels
