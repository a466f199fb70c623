#include "model/loss.h"

#include "model/fused/fused.h"

namespace nnrun {

LossRoot tensor_loss(const at::Tensor& logits, const at::Tensor& labels, Meter& meter) {
  at::Tensor loss = at::cross_entropy_loss(logits, labels);
  meter.add(loss, logits, labels);
  return {std::move(loss), {}};
}

LossForm* loss_form([[maybe_unused]] Kernels kernels, [[maybe_unused]] at::Device device) {
#ifdef NNRUN_CPU_KERNELS
  if (kernels == Kernels::kAuto && device.is_cpu()) return fused_loss;
#endif
  return tensor_loss;
}

}  // namespace nnrun
