#include "model/fused/kernel_layer.h"

namespace nnrun {
namespace {

/// The node: calls back into the layer that made it.
class KernelNode : public torch::autograd::Function<KernelNode> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, at::TensorList inputs,
                            KernelLayer* layer) {
    context->save_for_backward(inputs.vec());
    context->saved_data[kLayer] = reinterpret_cast<int64_t>(layer);
    return layer->compute(inputs, kernels::Pass::kTraining);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list output_gradients) {
    auto* const layer = reinterpret_cast<KernelLayer*>(context->saved_data[kLayer].toInt());
    const at::Tensor gradient = output_gradients[0].contiguous();
    auto gradients = layer->gradients(context->get_saved_variables(), gradient);
    gradients.emplace_back();  // of `layer`, which forward() takes last
    return gradients;
  }

 private:
  static constexpr const char* kLayer = "layer";
};

}  // namespace

at::Tensor KernelLayer::run(const std::vector<at::Tensor>& inputs) {
  if (!at::GradMode::is_enabled()) return compute(inputs, kernels::Pass::kInference);
  std::vector<at::Tensor> present = inputs;  // autograd wants a device of every input
  for (at::Tensor& input : present) {
    if (!input.defined()) input = at::empty({0});
  }
  return KernelNode::apply(at::TensorList(present), this);
}

void parallel_pieces(int64_t count, const std::function<void(int64_t)>& piece) {
  at::parallel_for(0, count, /*grain_size=*/1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) piece(i);
  });
}

at::Tensor gradient_place(const at::Tensor& variable) {
  const at::Tensor& place = variable.grad();
  return place.defined() ? place : at::empty_like(variable);
}

const float* data_of(const at::Tensor& tensor) {
  return tensor.defined() && tensor.numel() > 0 ? tensor.const_data_ptr<float>() : nullptr;
}

float* mutable_data_of(const at::Tensor& tensor) {
  return tensor.defined() && tensor.numel() > 0 ? tensor.mutable_data_ptr<float>() : nullptr;
}

}  // namespace nnrun
