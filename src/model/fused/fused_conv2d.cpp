#include "model/activation.h"
#include "model/fused/fused_builders.h"
#include "model/fused/kernel_layer.h"
#include "model/kernels/cpu/conv2d.h"

namespace nnrun {
namespace {

bool is_pair(const std::array<int64_t, 2>& pair, int64_t value) {
  return pair[0] == value && pair[1] == value;
}

/// The kernels' pooling: 2 x 2 windows beside each other, an odd last line or column left out.
bool is_plain_pool(const LayerConfig& config) {
  return config.type == LayerType::kMaxPool2d && config.padding == Padding::kValid &&
         is_pair(config.size, 2) && is_pair(config.stride, 2);
}

/// Convolution, bias and ReLU, with or without the max pooling behind it, in one pass.
class FusedConv2d final : public KernelLayer {
 public:
  FusedConv2d(const LayerPlan& plan, bool pool, const TensorBank& weights)
      : activation_(plan.config.activation),
        weight_(weights[plan.config.name + ".weight"]),
        bias_(weights[plan.config.name + ".bias"]) {
    shape_.channels = plan.in.dims[0];
    shape_.height = plan.in.dims[1];
    shape_.width = plan.in.dims[2];
    shape_.filters = plan.config.filters;
    shape_.kernel_height = plan.config.kernel[0];
    shape_.kernel_width = plan.config.kernel[1];
    shape_.pad_top = plan.pad[0][0];
    shape_.pad_left = plan.pad[1][0];
    shape_.conv_height = plan.out.dims[1];
    shape_.conv_width = plan.out.dims[2];
    shape_.relu = activation_ == Activation::kRelu;
    shape_.pool = pool;
  }

  at::Tensor forward(const at::Tensor& x, const Context&) override {
    shape_.batch = x.size(0);
    at::Tensor y = run({x.contiguous(), weight_, bias_});
    return shape_.relu ? y : activate(activation_, y);
  }

  at::Tensor compute(at::TensorList inputs, kernels::Pass pass) override {
    at::Tensor output = at::empty(
        {shape_.batch, shape_.filters, shape_.output_height(), shape_.output_width()}, at::kFloat);
    kernels::conv2d_forward(shape_, data_of(inputs[1]), data_of(inputs[2]), data_of(inputs[0]),
                            mutable_data_of(output), pass, tape_, parallel_pieces);
    return output;
  }

  std::vector<at::Tensor> gradients(at::TensorList inputs,
                                    const at::Tensor& output_gradient) override {
    std::vector<at::Tensor> result(inputs.size());
    if (inputs[0].requires_grad()) result[0] = at::empty_like(inputs[0]);
    for (size_t i = 1; i < result.size(); ++i) result[i] = at::empty_like(inputs[i]);
    const kernels::Conv2dGradients targets{mutable_data_of(result[1]), mutable_data_of(result[2]),
                                           mutable_data_of(result[0])};
    kernels::conv2d_backward(shape_, data_of(inputs[1]), data_of(inputs[0]),
                             data_of(output_gradient), targets, tape_, parallel_pieces);
    return result;
  }

 private:
  Activation activation_;
  at::Tensor weight_, bias_;
  kernels::Conv2dShape shape_;
  kernels::Conv2dTape tape_;
};

}  // namespace

FusedLayers fuse_conv2d(const PlanWindow& window, const BuildContext& build) {
  const LayerConfig& config = window[0].config;
  if (config.type != LayerType::kConv2d || !is_pair(config.stride, 1)) return {};
  const bool linear = config.activation == Activation::kNone;
  const bool pool = (linear || config.activation == Activation::kRelu) && window.size() > 1 &&
                    is_plain_pool(window[1].config);
  auto layer = std::make_unique<FusedConv2d>(window[0], pool, build.weights);
  return {std::move(layer), pool ? size_t{2} : size_t{1}};
}

}  // namespace nnrun
