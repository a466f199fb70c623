#include "model/fused/token_source.h"

#include "model/row_gradient.h"

namespace nnrun {

bool is_lookup(LayerType type) {
  return type == LayerType::kOneHot || type == LayerType::kEmbedding;
}

TokenSource::TokenSource(const LayerPlan& lookup, const TensorBank& weights)
    : width_(lookup.out.dims[0]), vocabulary_(width_) {
  if (lookup.config.type == LayerType::kOneHot) return;
  embedding_ = weights[lookup.config.name + ".weight"];
  vocabulary_ = embedding_.size(0);
}

const kernels::TokenIndex& TokenSource::index(const at::Tensor& ids) {
  const at::Tensor wide = ids.to(at::kLong).contiguous();
  kernels::index_tokens(wide.const_data_ptr<int64_t>(), wide.numel(), vocabulary_, index_);
  return index_;
}

at::Tensor TokenSource::empty_rows() const {
  if (!embedding_.defined()) return {};
  return at::empty({index_.distinct(), width_}, at::kFloat);
}

at::Tensor TokenSource::gradient(const at::Tensor& rows) const {
  return rows.defined() ? row_gradient(index_.ids, rows, embedding_.size(0)) : at::Tensor();
}

}  // namespace nnrun
