#include <torch/torch.h>

#include <memory>

#include "model/layers.h"

namespace nnrun {
namespace {

/// Keras's BatchNormalization over axis 1: `momentum` is the fraction kept of the running
/// statistics, which hold the unbiased variance; the batch itself is normalised with the biased
/// one.
class BatchNorm final : public Layer {
 public:
  BatchNorm(const LayerPlan& plan, const TensorBank& weights)
      : weight_(weights[plan.config.name + ".weight"]),
        bias_(weights[plan.config.name + ".bias"]),
        mean_(weights[plan.config.name + ".running_mean"]),
        variance_(weights[plan.config.name + ".running_var"]),
        kept_(plan.config.momentum),
        epsilon_(plan.config.epsilon) {}

  at::Tensor forward(const at::Tensor& x, const Context& context) override {
    const bool lonely = context.training && x.numel() == x.size(1);
    if (lonely) track_lonely(x);
    return at::batch_norm(x, weight_, bias_, lonely ? at::Tensor() : mean_,
                          lonely ? at::Tensor() : variance_, context.training,
                          /*momentum=*/1 - kept_, epsilon_, /*cudnn_enabled=*/false);
  }

 private:
  /// One value per channel has no unbiased variance (LibTorch divides by zero): it counts as zero,
  /// as in TensorFlow. All weights share one buffer and its version counter; written through
  /// variable_data, the statistics do not invalidate weights that were saved for the gradient.
  void track_lonely(const at::Tensor& x) {
    const at::NoGradGuard no_grad;
    const at::Tensor values = x.reshape(mean_.sizes()).to(mean_.scalar_type());
    at::Tensor(mean_.variable_data()).lerp_(values, 1 - kept_);
    at::Tensor(variance_.variable_data()).mul_(kept_);
  }

  at::Tensor weight_, bias_, mean_, variance_;  // [channels] each
  double kept_, epsilon_;
};

/// Normalises the features (axis 1) of every position.
class LayerNorm final : public Layer {
 public:
  LayerNorm(const LayerPlan& plan, const TensorBank& weights)
      : weight_(weights[plan.config.name + ".weight"]),
        bias_(weights[plan.config.name + ".bias"]),
        epsilon_(plan.config.epsilon) {}

  at::Tensor forward(const at::Tensor& x, const Context&) override {
    const at::Tensor last = x.movedim(1, -1);
    return at::layer_norm(last, weight_.sizes(), weight_, bias_, epsilon_).movedim(-1, 1);
  }

 private:
  at::Tensor weight_, bias_;  // [features] each
  double epsilon_;
};

}  // namespace

std::unique_ptr<Layer> build_batch_norm(const LayerPlan& plan, const BuildContext& build) {
  return std::make_unique<BatchNorm>(plan, build.weights);
}

std::unique_ptr<Layer> build_layer_norm(const LayerPlan& plan, const BuildContext& build) {
  return std::make_unique<LayerNorm>(plan, build.weights);
}

}  // namespace nnrun
