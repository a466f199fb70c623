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

/// A sequence is an image of one line.
kernels::Conv2dShape shape_of(const LayerPlan& plan, bool pool) {
  const bool image = plan.config.type == LayerType::kConv2d;
  const size_t last = plan.in.dims.size() - 1, x = last - 1;  // of the axes, of the pairs
  kernels::Conv2dShape shape;
  shape.channels = plan.in.dims[0];
  shape.height = image ? plan.in.dims[1] : 1;
  shape.width = plan.in.dims[last];
  shape.filters = plan.config.filters;
  shape.kernel_height = image ? plan.config.kernel[0] : 1;
  shape.kernel_width = plan.config.kernel[x];
  shape.pad_top = image ? plan.pad[0][0] : 0;
  shape.pad_left = plan.pad[x][0];
  shape.conv_height = image ? plan.out.dims[1] : 1;
  shape.conv_width = plan.out.dims[last];
  shape.relu = plan.config.activation == Activation::kRelu;
  shape.pool = pool;
  return shape;
}

/// Convolution, bias and ReLU, with or without the max pooling behind it, in one pass.
class FusedConv final : public KernelLayer {
 public:
  FusedConv(const LayerPlan& plan, const LayerPlan* pool, const TensorBank& weights)
      : activation_(plan.config.activation),
        weight_(weights[plan.config.name + ".weight"]),
        bias_(weights[plan.config.name + ".bias"]),
        out_((pool ? *pool : plan).out.dims),
        shape_(shape_of(plan, pool != nullptr)) {}

  at::Tensor forward(const at::Tensor& x, const Context&) override {
    shape_.batch = x.size(0);
    at::Tensor y = run({x.contiguous(), weight_, bias_});
    return shape_.relu ? y : activate(activation_, y);
  }

  at::Tensor compute(at::TensorList inputs, kernels::Pass pass) override {
    std::vector<int64_t> sizes = out_;
    sizes.insert(sizes.begin(), shape_.batch);
    at::Tensor output = at::empty(sizes, at::kFloat);
    kernels::conv2d_forward(shape_, data_of(inputs[1]), data_of(inputs[2]), data_of(inputs[0]),
                            mutable_data_of(output), pass, tape_, parallel_pieces);
    return output;
  }

  std::vector<at::Tensor> gradients(at::TensorList inputs,
                                    const at::Tensor& output_gradient) override {
    std::vector<at::Tensor> result(inputs.size());
    if (inputs[0].requires_grad()) result[0] = at::empty_like(inputs[0]);
    for (size_t i = 1; i < result.size(); ++i) result[i] = gradient_place(inputs[i]);
    const kernels::Conv2dGradients targets{mutable_data_of(result[1]), mutable_data_of(result[2]),
                                           mutable_data_of(result[0])};
    kernels::conv2d_backward(shape_, data_of(inputs[1]), data_of(inputs[0]),
                             data_of(output_gradient), targets, tape_, parallel_pieces);
    return result;
  }

 private:
  Activation activation_;
  at::Tensor weight_, bias_;
  std::vector<int64_t> out_;  // of one example
  kernels::Conv2dShape shape_;
  kernels::Conv2dTape tape_;
};

/// Sequences of so few features that LibTorch's convolution has too little to do per call: measured
/// faster with 10 features and 20 cells, slower with 20 and 5.
bool is_narrow_sequence(const LayerPlan& plan) {
  constexpr int64_t kNarrow = 16;
  return plan.config.type == LayerType::kConv1d && plan.in.dims[0] < kNarrow &&
         plan.config.stride[0] == 1;
}

/// A convolution with pooling behind it: its backward pass has a quarter of LibTorch's work.
bool is_pooled_image(const PlanWindow& window) {
  const LayerConfig& config = window[0].config;
  const bool increasing =
      config.activation == Activation::kNone || config.activation == Activation::kRelu;
  return config.type == LayerType::kConv2d && is_pair(config.stride, 1) && increasing &&
         window.size() > 1 && is_plain_pool(window[1].config);
}

}  // namespace

FusedLayers fuse_conv(const PlanWindow& window, const BuildContext& build) {
  if (is_pooled_image(window))
    return {std::make_unique<FusedConv>(window[0], &window[1], build.weights), 2};
  if (is_narrow_sequence(window[0]))
    return {std::make_unique<FusedConv>(window[0], nullptr, build.weights), 1};
  return {};
}

}  // namespace nnrun
