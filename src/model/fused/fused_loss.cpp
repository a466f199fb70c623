#include "model/fused/fused.h"
#include "model/fused/kernel_layer.h"
#include "model/kernels/cpu/loss.h"

namespace nnrun {

LossRoot fused_loss(const at::Tensor& logits, const at::Tensor& labels, Meter& meter) {
  const at::Tensor values = logits.detach().contiguous();
  at::Tensor gradient = at::GradMode::is_enabled() ? at::empty_like(values) : at::Tensor();
  const kernels::LossSums sums =
      kernels::softmax_cross_entropy(data_of(values), labels.const_data_ptr<int64_t>(),
                                     values.size(0), values.size(1), mutable_data_of(gradient));
  meter.add(sums.loss, sums.correct);
  return {logits, std::move(gradient)};
}

}  // namespace nnrun
