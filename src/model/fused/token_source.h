#pragma once

#include <torch/torch.h>

#include "model/fused/kernel_layer.h"

namespace nnrun {

/// Ids that a kernel reads through a one_hot or an embedding instead of the layer's output.
class TokenSource {
 public:
  TokenSource() = default;  ///< no lookup: the next layer reads its input as it is
  TokenSource(const LayerPlan& lookup, const TensorBank& weights);

  bool active() const { return width_ > 0; }
  int64_t width() const { return width_; }                    ///< features per position
  const at::Tensor& embedding() const { return embedding_; }  ///< undefined for one_hot

  /// Indexes ids [n, length], int32, for the kernels until the next call.
  void index(const at::Tensor& ids);
  const kernels::TokenIndex& tokens() const { return index_; }

  /// [distinct ids, width], for the gradients of the table's rows that were read; undefined for
  /// one_hot.
  at::Tensor empty_rows() const;
  /// Such rows, filled, as the gradient of the table; undefined for undefined.
  at::Tensor gradient(const at::Tensor& rows) const;

 private:
  int64_t width_ = 0, vocabulary_ = 0;
  at::Tensor embedding_;
  kernels::TokenIndex index_;
};

}  // namespace nnrun
