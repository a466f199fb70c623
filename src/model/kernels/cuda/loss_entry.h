#pragma once

#include <cmath>

#include "model/kernels/cuda/host_device.h"
#include "model/kernels/cuda/loss.h"

namespace nnrun {

/// What a row, or many, add to the meter.
struct LossShare {
  double loss;
  int64_t correct;
};

/// Place of the first largest logit; the first NaN counts as the largest.
template <class T>
NNRUN_HD int64_t largest_logit(const T* logits, int64_t classes) {
  int64_t best = 0;
  for (int64_t i = 1; i < classes && logits[best] == logits[best]; ++i) {
    if (!(logits[i] <= logits[best])) best = i;
  }
  return best;
}

/// One row, as the CPU's kernel counts it: exponentials in T, their sum in double precision.
/// `gradient` (null: none) becomes share times that of the row's loss.
template <class T>
NNRUN_HD LossShare loss_row(const T* logits, int64_t label, int64_t classes, T share, T* gradient) {
  const int64_t best = largest_logit(logits, classes);
  double sum = 0;
  for (int64_t i = 0; i < classes; ++i) sum += std::exp(logits[i] - logits[best]);
  const double normalizer = double{logits[best]} + std::log(sum);
  if (gradient != nullptr) {
    for (int64_t i = 0; i < classes; ++i)
      gradient[i] = share * std::exp(static_cast<T>(double{logits[i]} - normalizer));
    gradient[label] -= share;
  }
  return {normalizer - double{logits[label]}, best == label ? 1 : 0};
}

/// The rows of one thread.
NNRUN_HD inline LossShare loss_rows(const NnrunLoss& job, int64_t thread) {
  LossShare all{0, 0};
  const float share = 1.0F / static_cast<float>(job.rows);
  for (int64_t row = thread; row < job.rows; row += kNnrunLossThreads) {
    const int64_t at = row * job.classes;
    float* const gradient = job.gradient == nullptr ? nullptr : job.gradient + at;
    const LossShare one = loss_row(job.logits + at, job.labels[row], job.classes, share, gradient);
    all.loss += one.loss;
    all.correct += one.correct;
  }
  return all;
}

}  // namespace nnrun
