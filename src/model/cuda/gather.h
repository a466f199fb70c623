#pragma once

#include "model/cuda_half.h"

namespace nnrun {

/// CudaHalf::gather: one launch, or none where a piece of the stored tensors will do.
Batch gathered(const StoredExamples& from, const at::Tensor& order, Places places);

}  // namespace nnrun
