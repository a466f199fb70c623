#pragma once

#include <cstdint>

namespace nnrun::kernels {

/// Sums over a batch.
struct LossSums {
  double loss = 0;      ///< cross-entropy of the softmax of the logits
  int64_t correct = 0;  ///< largest logit (the first of equals) at the label
};

/// logits [rows, classes], labels [rows]. `gradient`, unless null, becomes that of the mean loss:
/// (softmax - one-hot) / rows.
LossSums softmax_cross_entropy(const float* logits, const int64_t* labels, int64_t rows,
                               int64_t classes, float* gradient);

}  // namespace nnrun::kernels
