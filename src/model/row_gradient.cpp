#include "model/row_gradient.h"

namespace nnrun {

at::Tensor row_gradient(const std::vector<int64_t>& ids, const at::Tensor& values, int64_t rows) {
  const at::Tensor indices = at::tensor(ids, at::kLong).unsqueeze(0);
  return at::_sparse_coo_tensor_unsafe(indices, values, {rows, values.size(1)}, values.options(),
                                       /*is_coalesced=*/true);
}

at::Tensor entries_of(const at::Tensor& gradient) {
  return gradient.is_sparse() ? gradient._values() : gradient;
}

}  // namespace nnrun
