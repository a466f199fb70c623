#include "model/cuda/loss.h"

#include "model/cuda/kernel_call.h"
#include "model/kernels/cuda/loss.h"

namespace nnrun {

LossRoot kernel_loss(const at::Tensor& logits, const at::Tensor& labels, Meter& meter) {
  if (logits.size(1) > kNnrunLossClasses) return tensor_loss(logits, labels, meter);
  const at::Tensor values = logits.detach().to(at::kFloat).contiguous();
  at::Tensor gradient = at::GradMode::is_enabled() ? at::empty_like(values) : at::Tensor();
  const NnrunLoss job{values.const_data_ptr<float>(),
                      labels.const_data_ptr<int64_t>(),
                      values.size(0),
                      values.size(1),
                      gradient.defined() ? gradient.data_ptr<float>() : nullptr,
                      meter.loss_cell().data_ptr<double>(),
                      meter.correct_cell().data_ptr<int64_t>()};
  check_kernel(nnrun_cuda_loss(&job, current_stream()));
  if (gradient.defined()) gradient = gradient.to(logits.scalar_type());
  return {logits, std::move(gradient)};
}

}  // namespace nnrun
