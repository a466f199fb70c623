#include "model/optimizer_backend.h"

#include "model/fused/fused.h"

namespace nnrun {
namespace {

class TensorBackend final : public OptimizerBackend {
 public:
  void update(const UpdateStep& step, const UpdateTensors& variable) const override {
    optimizer_form(step.config).rule(step, variable);
  }

  void clip_norm(const std::vector<at::Tensor>& gradients, double limit) const override {
    at::Tensor squares = at::zeros({}, gradients[0].options().dtype(at::kDouble));
    for (const at::Tensor& gradient : gradients) {
      squares += gradient.to(at::kDouble).square().sum();
    }
    const at::Tensor factor = (limit / squares.sqrt().clamp_min(limit)).to(at::kFloat);
    for (const at::Tensor& gradient : gradients) gradient.mul_(factor);
  }
};

}  // namespace

const OptimizerBackend& tensor_backend() {
  static const TensorBackend backend;
  return backend;
}

const OptimizerBackend& optimizer_backend([[maybe_unused]] Kernels kernels,
                                          [[maybe_unused]] at::Device device) {
#ifdef NNRUN_CPU_KERNELS
  if (kernels == Kernels::kAuto && device.is_cpu()) return fused_backend();
#endif
  return tensor_backend();
}

}  // namespace nnrun
