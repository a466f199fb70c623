#include <cmath>

#include "model/cuda/kept.h"
#include "model/cuda/kernel_call.h"
#include "model/cuda/layers.h"
#include "model/kernels/cuda/dropout.h"
#include "nnrun/random.h"

namespace nnrun {
namespace {

/// One mask, applied to an activation or to its gradient.
class Mask {
 public:
  Mask(const LayerConfig& config, const Context& context)
      : epoch_(context.epoch_cell),
        job_{nullptr,
             nullptr,
             0,
             {},
             context.step,
             epoch_.const_data_ptr<int32_t>(),
             static_cast<uint32_t>(std::ceil(std::ldexp(config.rate, 24))),
             static_cast<float>(1 / (1 - config.rate))} {
    const RandomStream random(context.seed, Purpose::kDropout, fnv1a(config.name));
    job_.key[0] = random.key()[0];
    job_.key[1] = random.key()[1];
  }

  at::Tensor times(const at::Tensor& x) const {
    const at::Tensor in = x.contiguous();
    at::Tensor out = at::empty_like(in);
    NnrunDropout job = job_;
    job.in = in.const_data_ptr<float>();
    job.out = out.data_ptr<float>();
    job.count = in.numel();
    check_kernel(nnrun_cuda_dropout(&job, current_stream()));
    return out;
  }

 private:
  at::Tensor epoch_;
  NnrunDropout job_;
};

class DropoutNode : public torch::autograd::Function<DropoutNode> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                            const std::shared_ptr<Mask>& mask) {
    keep(*context, mask);
    return mask->times(x);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    return {kept<Mask>(*context).times(gradients[0]), at::Tensor()};
  }
};

/// `dropout`; the mask is made in the kernel, in both passes, and never stored.
class KernelDropout final : public Layer {
 public:
  explicit KernelDropout(const LayerConfig& config) : config_(config) {}

  at::Tensor forward(const at::Tensor& x, const Context& context) override {
    if (config_.rate == 0 || !(context.training || config_.in_evaluation)) return x;
    return DropoutNode::apply(x.to(at::kFloat), std::make_shared<Mask>(config_, context));
  }

 private:
  LayerConfig config_;
};

}  // namespace

FusedLayers gpu_dropout(const std::vector<LayerPlan>& plans, size_t first, const BuildContext&) {
  if (plans[first].config.type != LayerType::kDropout) return {};
  return {std::make_unique<KernelDropout>(plans[first].config), 1};
}

}  // namespace nnrun
