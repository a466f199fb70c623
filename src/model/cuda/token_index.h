#pragma once

#include <torch/torch.h>

#include "model/batches.h"
#include "model/kernels/cuda/token_sums.h"

namespace nnrun {

/// CudaHalf::list_tokens: one launch.
void sort_tokens(const StoredExamples& from, int64_t batch_size, Order& order);

/// Occurrence lists for sums over `width` columns.
class TokenLists {
 public:
  TokenLists(TokenOrder order, int64_t width);
  NnrunOccurrences job() const;

 private:
  TokenOrder order_;
  at::Tensor partials_;
};

/// Writes into `sums`, zeros of shape [vocabulary, width] in any layout, the sums of `rows` [places,
/// width] by their ids.
void token_sums(const TokenOrder& order, const at::Tensor& rows, const at::Tensor& sums);

/// ids [n, length] -> [n, length, units]; the table's gradient is a token sum.
at::Tensor embed(const at::Tensor& table, const at::Tensor& ids, const TokenOrder& order);

}  // namespace nnrun
