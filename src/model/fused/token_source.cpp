#include "model/fused/token_source.h"

#include "model/row_gradient.h"

namespace nnrun {

TokenSource::TokenSource(const LayerPlan& lookup, const TensorBank& weights)
    : width_(lookup.out.dims[0]), vocabulary_(width_) {
  if (lookup.config.type == LayerType::kOneHot) return;
  embedding_ = weights[lookup.config.name + ".weight"];
  vocabulary_ = embedding_.size(0);
}

void TokenSource::index(const at::Tensor& ids) {
  const at::Tensor rows = ids.contiguous();
  kernels::index_tokens(rows.const_data_ptr<int32_t>(), rows.numel(), vocabulary_, index_);
}

at::Tensor TokenSource::empty_rows() const {
  if (!embedding_.defined()) return {};
  return at::empty({index_.distinct(), width_}, at::kFloat);
}

at::Tensor TokenSource::gradient(const at::Tensor& rows) const {
  return rows.defined() ? row_gradient(index_.ids, rows, embedding_.size(0)) : at::Tensor();
}

}  // namespace nnrun
