#pragma once

#include <algorithm>

#include "model/kernels/cpu/lookup.h"

namespace nnrun::kernels {

/// One pass over a batch, as the documents see it.
struct ConvLookupJob {
  const ConvLookupShape& shape;
  const TokenIndex& tokens;
  int64_t padded;  ///< O rounded up to a vector of 16
  int64_t row;     ///< of a token's products: kernel cell k at k O, room for a whole vector at each
  const float* products;  ///< [U, row]
  float* gradients;       ///< [N P, padded]

  /// The kernel cells that a window at output p has inside the text.
  int64_t first_cell(int64_t p) const {
    return std::max<int64_t>(0, shape.pad_before - p * shape.stride);
  }
  int64_t last_cell(int64_t p) const {
    return std::min(shape.kernel, shape.length + shape.pad_before - p * shape.stride);
  }
};

}  // namespace nnrun::kernels
