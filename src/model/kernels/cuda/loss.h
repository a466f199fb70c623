#pragma once

#include <cstdint>

/// Softmax cross-entropy of a batch, its meter and the logits' gradient in one launch of one block:
/// each thread takes every kNnrunLossThreads-th row, and the rows' sums are put together in an
/// order that the number of rows alone decides. For up to kNnrunLossClasses classes.
extern "C" {

enum { kNnrunLossThreads = 512, kNnrunLossClasses = 64 };

struct NnrunLoss {
  const float* logits;    ///< [rows, classes]
  const int64_t* labels;  ///< [rows]
  int64_t rows, classes;
  float* gradient;   ///< [rows, classes] of the mean loss, (softmax - one-hot) / rows; null: none
  double* loss;      ///< one number in device memory: the rows' losses are added
  int64_t* correct;  ///< likewise: rows whose largest logit (the first of equals) is at the label
};

const char* nnrun_cuda_loss(const NnrunLoss* job, void* stream);

}  // extern "C"
