#include <torch/torch.h>

#include <memory>
#include <utility>
#include <vector>

#include "model/activation.h"
#include "model/dropout_mask.h"
#include "model/layers.h"
#include "model/network.h"

namespace nnrun {
namespace {

class Dense final : public Layer {
 public:
  Dense(const LayerPlan& plan, const TensorBank& weights)
      : weight_(weights[plan.config.name + ".weight"]),
        bias_(weights[plan.config.name + ".bias"]),
        activation_(plan.config.activation) {}

  at::Tensor forward(const at::Tensor& x, const Context&) override {
    return activate_fresh(activation_, at::linear(x, weight_, bias_));
  }

 private:
  at::Tensor weight_, bias_;  // [out, in], [out]
  Activation activation_;
};

/// `flatten` and `reshape`: the same entries under another shape.
class Reshape final : public Layer {
 public:
  explicit Reshape(const std::vector<int64_t>& dims) : shape_{-1} {
    shape_.insert(shape_.end(), dims.begin(), dims.end());
  }

  at::Tensor forward(const at::Tensor& x, const Context&) override { return x.reshape(shape_); }

 private:
  std::vector<int64_t> shape_;  // with the batch axis
};

/// Inverted dropout; the mask is a pure function of (seed, layer, epoch, step).
class Dropout final : public Layer {
 public:
  explicit Dropout(const LayerConfig& config)
      : stream_(fnv1a(config.name)), rate_(config.rate), in_evaluation_(config.in_evaluation) {}

  at::Tensor forward(const at::Tensor& x, const Context& context) override {
    if (rate_ == 0 || !(context.training || in_evaluation_)) return x;
    const RandomStream random(context.seed, Purpose::kDropout, stream_, context.epoch,
                              context.step);
    const at::Tensor mask = at::empty(x.sizes(), at::kFloat);
    const auto fill = [&](int64_t begin, int64_t end) {
      fill_dropout_mask(random, rate_, begin, end, mask.data_ptr<float>());
    };
    at::parallel_for(0, x.numel(), kMaskGrain, fill);
    return x * mask.to(x.device());
  }

 private:
  static constexpr int64_t kMaskGrain = 1 << 14;  // entries per task
  uint32_t stream_;
  double rate_;
  bool in_evaluation_;
};

class ActivationLayer final : public Layer {
 public:
  explicit ActivationLayer(Activation activation) : activation_(activation) {}
  at::Tensor forward(const at::Tensor& x, const Context&) override {
    return activate(activation_, x);
  }

 private:
  Activation activation_;
};

/// x + f(x).
class Residual final : public Layer {
 public:
  Residual(const LayerPlan& plan, const BuildContext& build) : inner_(plan.inner, build) {}
  at::Tensor forward(const at::Tensor& x, const Context& context) override {
    return x + inner_.forward(x, context);
  }

 private:
  Network inner_;
};

}  // namespace

std::unique_ptr<Layer> build_dense(const LayerPlan& plan, const BuildContext& build) {
  return std::make_unique<Dense>(plan, build.weights);
}

std::unique_ptr<Layer> build_flatten(const LayerPlan& plan, const BuildContext&) {
  return std::make_unique<Reshape>(plan.out.dims);
}

std::unique_ptr<Layer> build_reshape(const LayerPlan& plan, const BuildContext&) {
  return std::make_unique<Reshape>(plan.out.dims);
}

std::unique_ptr<Layer> build_dropout(const LayerPlan& plan, const BuildContext&) {
  return std::make_unique<Dropout>(plan.config);
}

std::unique_ptr<Layer> build_activation(const LayerPlan& plan, const BuildContext&) {
  return std::make_unique<ActivationLayer>(plan.config.activation);
}

std::unique_ptr<Layer> build_residual(const LayerPlan& plan, const BuildContext& build) {
  return std::make_unique<Residual>(plan, build);
}

}  // namespace nnrun
