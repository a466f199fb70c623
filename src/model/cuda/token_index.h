#pragma once

#include <torch/torch.h>

#include "model/kernels/cuda/token_sums.h"

namespace nnrun {

/// The occurrence lists of a batch of ids [n, length], int32, for sums over `width` columns.
class TokenLists {
 public:
  TokenLists(const at::Tensor& ids, int64_t width);
  NnrunOccurrences job() const;

 private:
  at::Tensor ids_, positions_, partials_;
};

/// [vocabulary, width]: the sums of `rows` [positions, width] by their ids.
at::Tensor token_sums(const at::Tensor& ids, const at::Tensor& rows, int64_t vocabulary);

/// ids [n, length] -> [n, length, units]; the table's gradient is a token sum.
at::Tensor embed(const at::Tensor& table, const at::Tensor& ids);

}  // namespace nnrun
