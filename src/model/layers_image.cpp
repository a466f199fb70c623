#include <torch/torch.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "model/activation.h"
#include "model/layers.h"

namespace nnrun {
namespace {

/// Cells around the input, per axis. LibTorch pads both ends alike; TensorFlow's SAME rule may want
/// more at the end, which `extra` holds.
class WindowPadding {
 public:
  explicit WindowPadding(const LayerPlan& plan) {
    for (size_t axis = 0; axis < window_axes(plan); ++axis) {
      const auto [before, after] = plan.pad[axis];
      both_.push_back(before);
      extra_.insert(extra_.begin(), {0, after - before});  // constant_pad_nd: last axis first
      uneven_ |= after != before;
    }
  }

  /// Axes that a window moves along: 1 for sequences, 2 for images.
  static size_t window_axes(const LayerPlan& plan) { return plan.in.dims.size() - 1; }

  bool none() const {
    return !uneven_ && std::all_of(both_.begin(), both_.end(), [](int64_t n) { return n == 0; });
  }
  at::IntArrayRef both() const { return both_; }  ///< for LibTorch's own padding
  at::Tensor with_extra(const at::Tensor& x, double value) const {
    return uneven_ ? at::constant_pad_nd(x, extra_, value) : x;
  }

 private:
  std::vector<int64_t> both_, extra_;
  bool uneven_ = false;
};

/// The first entries of a config's pair: one for sequences, two for images.
std::vector<int64_t> along_axes(const LayerPlan& plan, const std::array<int64_t, 2>& pair) {
  return {pair.begin(), pair.begin() + static_cast<int64_t>(WindowPadding::window_axes(plan))};
}

/// `conv2d` and `conv1d`.
class Conv final : public Layer {
 public:
  Conv(const LayerPlan& plan, const TensorBank& weights)
      : weight_(weights[plan.config.name + ".weight"]),
        bias_(weights[plan.config.name + ".bias"]),
        stride_(along_axes(plan, plan.config.stride)),
        dilation_(stride_.size(), 1),
        output_padding_(stride_.size(), 0),
        padding_(plan),
        activation_(plan.config.activation) {}

  at::Tensor forward(const at::Tensor& x, const Context&) override {
    at::Tensor y =
        at::convolution(padding_.with_extra(x, 0), weight_, bias_, stride_, padding_.both(),
                        dilation_, /*transposed=*/false, output_padding_, /*groups=*/1);
    return activate_fresh(activation_, std::move(y));
  }

 private:
  at::Tensor weight_, bias_;  // [out, in, kernel…], [out]
  std::vector<int64_t> stride_, dilation_, output_padding_;
  WindowPadding padding_;
  Activation activation_;
};

/// Padding counts as minus infinity, so it never wins.
class MaxPool final : public Layer {
 public:
  explicit MaxPool(const LayerPlan& plan)
      : size_(along_axes(plan, plan.config.size)),
        stride_(along_axes(plan, plan.config.stride)),
        padding_(plan) {}

  at::Tensor forward(const at::Tensor& x, const Context&) override {
    constexpr double kNever = -std::numeric_limits<double>::infinity();
    const auto pool = size_.size() == 1 ? at::max_pool1d : at::max_pool2d;
    return pool(padding_.with_extra(x, kNever), size_, stride_, padding_.both(), /*dilation=*/1,
                /*ceil_mode=*/false);
  }

 private:
  std::vector<int64_t> size_, stride_;
  WindowPadding padding_;
};

/// Mean over the cells of a window that lie in the image.
class AvgPool final : public Layer {
 public:
  AvgPool(const LayerPlan& plan, at::Device device)
      : size_(along_axes(plan, plan.config.size)),
        stride_(along_axes(plan, plan.config.stride)),
        padding_(plan) {
    if (padding_.none()) return;
    const std::vector<int64_t> plane{1, 1, plan.in.dims[1], plan.in.dims[2]};
    cells_ = sums(at::ones(plane, at::TensorOptions(at::kFloat).device(device)));
  }

  at::Tensor forward(const at::Tensor& x, const Context&) override {
    return padding_.none() ? at::avg_pool2d(x, size_, stride_) : sums(x) / cells_;
  }

 private:
  at::Tensor sums(const at::Tensor& x) const {
    return at::avg_pool2d(padding_.with_extra(x, 0), size_, stride_, padding_.both(),
                          /*ceil_mode=*/false, /*count_include_pad=*/true, /*divisor_override=*/1);
  }

  std::vector<int64_t> size_, stride_;
  WindowPadding padding_;
  at::Tensor cells_;  // [1, 1, out height, out width]: cells of each window inside the image
};

std::vector<int64_t> positions_of(const at::Tensor& x) {
  return x.dim() == 4 ? std::vector<int64_t>{2, 3} : std::vector<int64_t>{2};
}

/// [n, c, positions…] -> [n, c].
class GlobalAvgPool final : public Layer {
 public:
  at::Tensor forward(const at::Tensor& x, const Context&) override {
    return x.mean(positions_of(x));
  }
};

/// [n, c, positions…] -> [n, c]; equal maxima share the gradient, as in TensorFlow.
class GlobalMaxPool final : public Layer {
 public:
  at::Tensor forward(const at::Tensor& x, const Context&) override {
    return x.amax(positions_of(x));
  }
};

}  // namespace

std::unique_ptr<Layer> build_conv(const LayerPlan& plan, const BuildContext& build) {
  return std::make_unique<Conv>(plan, build.weights);
}

std::unique_ptr<Layer> build_max_pool(const LayerPlan& plan, const BuildContext&) {
  return std::make_unique<MaxPool>(plan);
}

std::unique_ptr<Layer> build_avg_pool(const LayerPlan& plan, const BuildContext& build) {
  return std::make_unique<AvgPool>(plan, build.weights.flat().device());
}

std::unique_ptr<Layer> build_global_avg_pool(const LayerPlan&, const BuildContext&) {
  return std::make_unique<GlobalAvgPool>();
}

std::unique_ptr<Layer> build_global_max_pool(const LayerPlan&, const BuildContext&) {
  return std::make_unique<GlobalMaxPool>();
}

}  // namespace nnrun
