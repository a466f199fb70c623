#include "model/fused/fused_builders.h"
#include "model/fused/kernel_layer.h"
#include "model/kernels/cpu/max_pool.h"

namespace nnrun {
namespace {

/// `max_pool1d` and `max_pool2d` with any window and padding.
class FusedMaxPool final : public KernelLayer {
 public:
  explicit FusedMaxPool(const LayerPlan& plan) : in_(plan.in.dims), out_(plan.out.dims) {
    const LayerConfig& config = plan.config;
    const size_t last = in_.size() - 1, x = last - 1;  // of the axes, of the pairs
    shape_.width = in_[last];
    shape_.size_x = config.size[x];
    shape_.stride_x = config.stride[x];
    shape_.pad_left = plan.pad[x][0];
    shape_.output_width = out_[last];
    if (last == 1) return;
    shape_.height = in_[1];
    shape_.size_y = config.size[0];
    shape_.stride_y = config.stride[0];
    shape_.pad_top = plan.pad[0][0];
    shape_.output_height = out_[1];
  }

  at::Tensor forward(const at::Tensor& x, const Context&) override {
    shape_.planes = x.size(0) * x.size(1);
    return run({x.contiguous()});
  }

  at::Tensor compute(at::TensorList inputs, kernels::Pass pass) override {
    std::vector<int64_t> sizes = out_;
    sizes.insert(sizes.begin(), inputs[0].size(0));
    at::Tensor output = at::empty(sizes, at::kFloat);
    const bool training = pass == kernels::Pass::kTraining;
    if (training) choices_.resize(static_cast<size_t>(output.numel()));
    kernels::max_pool_forward(shape_, data_of(inputs[0]), mutable_data_of(output),
                              training ? choices_.data() : nullptr, parallel_pieces);
    return output;
  }

  std::vector<at::Tensor> gradients(at::TensorList inputs,
                                    const at::Tensor& output_gradient) override {
    at::Tensor gradient = at::empty_like(inputs[0]);
    kernels::max_pool_backward(shape_, choices_.data(), data_of(output_gradient),
                               mutable_data_of(gradient), parallel_pieces);
    return {gradient};
  }

 private:
  std::vector<int64_t> in_, out_;
  kernels::MaxPoolShape shape_;
  std::vector<int32_t> choices_;
};

}  // namespace

FusedLayers fuse_max_pool(const PlanWindow& window, const BuildContext&) {
  const LayerType type = window[0].config.type;
  if (type != LayerType::kMaxPool1d && type != LayerType::kMaxPool2d) return {};
  return {std::make_unique<FusedMaxPool>(window[0]), 1};
}

}  // namespace nnrun
