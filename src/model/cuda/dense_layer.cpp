#include <ATen/autocast_mode.h>

#include "model/activation.h"
#include "model/cuda/kernel_call.h"
#include "model/cuda/layers.h"
#include "model/kernels/cuda/dense.h"

namespace nnrun {
namespace {

/// y = x W^T + b; `x` [n, in] and `weight` [out, in], contiguous.
class DenseNode : public torch::autograd::Function<DenseNode> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                            const at::Tensor& weight, const at::Tensor& bias) {
    context->save_for_backward({x, weight});
    return at::linear(x, weight, bias);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1];
    const at::Tensor gradient = gradients[0].contiguous();
    at::Tensor d_weight = at::empty_like(weight), d_bias = at::empty({weight.size(0)}, x.options());
    at::Tensor d_x;
    if (context->needs_input_grad(0)) d_x = at::empty_like(x);
    const NnrunDense job{x.const_data_ptr<float>(),
                         weight.const_data_ptr<float>(),
                         gradient.const_data_ptr<float>(),
                         x.size(0),
                         x.size(1),
                         weight.size(0),
                         d_x.defined() ? d_x.data_ptr<float>() : nullptr,
                         d_weight.data_ptr<float>(),
                         d_bias.data_ptr<float>()};
    check_kernel(nnrun_cuda_dense_backward(&job, current_stream()));
    return {d_x, d_weight, d_bias};
  }
};

/// `dense` of few outputs.
class KernelDense final : public Layer {
 public:
  KernelDense(const LayerPlan& plan, const TensorBank& weights)
      : weight_(weights[plan.config.name + ".weight"]),
        bias_(weights[plan.config.name + ".bias"]),
        activation_(plan.config.activation) {}

  at::Tensor forward(const at::Tensor& x, const Context&) override {
    return activate(activation_, product(x));
  }

 private:
  /// Products in bfloat16 stay with LibTorch, which knows what to round.
  at::Tensor product(const at::Tensor& x) const {
    if (at::autocast::is_autocast_enabled(x.device().type())) return at::linear(x, weight_, bias_);
    return DenseNode::apply(x.contiguous(), weight_, bias_);
  }

  at::Tensor weight_, bias_;  // [out, in], [out]
  Activation activation_;
};

}  // namespace

FusedLayers gpu_dense(const std::vector<LayerPlan>& plans, size_t first,
                      const BuildContext& build) {
  const LayerConfig& config = plans[first].config;
  if (config.type != LayerType::kDense || config.units > kNnrunDenseOutputs) return {};
  if (build.weights[config.name + ".weight"].numel() > kNnrunDenseWeights) return {};
  return {std::make_unique<KernelDense>(plans[first], build.weights), 1};
}

}  // namespace nnrun
