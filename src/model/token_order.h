#pragma once

#include <torch/torch.h>

namespace nnrun {

/// Occurrence lists: the tokens of a batch sorted by id, those of an id in the order of their
/// places. The CUDA half sums the gradients of tables along them.
struct TokenOrder {
  at::Tensor ids;     ///< [tokens] int32
  at::Tensor places;  ///< [tokens] int32: where each stands in the batch [n, length]

  TokenOrder narrow(int64_t begin, int64_t count) const {
    return {ids.narrow(0, begin, count), places.narrow(0, begin, count)};
  }
};

}  // namespace nnrun
