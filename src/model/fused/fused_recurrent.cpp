#include <optional>

#include "model/fused/fused_builders.h"
#include "model/fused/token_source.h"

namespace nnrun {
namespace {

std::optional<kernels::Cell> rnn_cell(Activation activation) {
  switch (activation) {
    case Activation::kTanh:
      return kernels::Cell::kRnnTanh;
    case Activation::kRelu:
      return kernels::Cell::kRnnRelu;
    case Activation::kLinear:
    case Activation::kNone:
      return kernels::Cell::kRnnLinear;
    default:
      return std::nullopt;
  }
}

/// The kernel for a layer; nullopt where it has only its LibTorch form.
std::optional<kernels::Cell> cell_of(const LayerConfig& config) {
  switch (config.type) {
    case LayerType::kRnn:
      return rnn_cell(config.activation);
    case LayerType::kGru:
      return config.reset_after ? std::optional(kernels::Cell::kGru) : std::nullopt;
    case LayerType::kLstm:
      return kernels::Cell::kLstm;
    default:
      return std::nullopt;
  }
}

/// One direction: its tensors (bias_hh for a gru only) and what its kernel keeps.
struct Direction {
  std::array<at::Tensor, 4> weights;  // weight_ih, weight_hh, bias_ih, bias_hh
  kernels::RecurrentTape tape;
};

/// `rnn`, `gru` or `lstm` over whole sequences, one kernel per direction; reads ids through
/// `source`.
class FusedRecurrent final : public KernelLayer {
 public:
  FusedRecurrent(const LayerPlan& plan, kernels::Cell cell, TokenSource source,
                 const TensorBank& weights)
      : config_(plan.config),
        cell_(cell),
        source_(std::move(source)),
        features_(plan.in.dims[0]),
        length_(plan.in.dims[1]) {
    directions_.push_back(direction(weights, ""));
    if (config_.bidirectional) directions_.push_back(direction(weights, "_reverse"));
  }

  at::Tensor forward(const at::Tensor& x, const Context& context) override {
    if (source_.active()) source_.index(x);
    if (config_.mask_padding) lengths_ = context.lengths.contiguous();
    batch_ = x.size(0);
    std::vector<at::Tensor> inputs{source_.active() ? at::Tensor() : x.contiguous(),
                                   source_.embedding()};
    for (const Direction& d : directions_)
      inputs.insert(inputs.end(), d.weights.begin(), d.weights.end());
    return run(inputs);
  }

  at::Tensor compute(at::TensorList inputs, kernels::Pass pass) override {
    std::vector<int64_t> shape{batch_, width()};
    if (sequence()) shape.push_back(length_);
    at::Tensor output = at::empty(shape, at::kFloat);
    for (size_t d = 0; d < directions_.size(); ++d) {
      kernels::recurrent_forward(shape_of(d), weights_of(d), input_of(inputs), part_of(output, d),
                                 pass, directions_[d].tape, parallel_pieces);
    }
    return output;
  }

  std::vector<at::Tensor> gradients(at::TensorList inputs,
                                    const at::Tensor& output_gradient) override {
    std::vector<at::Tensor> all(inputs.size());
    for (size_t d = 0; d < directions_.size(); ++d) {
      std::vector<at::Tensor> own = direction_gradients(inputs, output_gradient, d);
      for (size_t i = 0; i < kShared; ++i) {  // both directions add to these
        if (own[i].defined()) all[i] = all[i].defined() ? all[i].add_(own[i]) : own[i];
      }
      std::move(own.begin() + kShared, own.end(),
                all.begin() + static_cast<int64_t>(kShared + 4 * d));
    }
    all[1] = source_.gradient(all[1]);
    return all;
  }

 private:
  static constexpr size_t kShared = 2;  // inputs: x, embedding, then four tensors per direction

  Direction direction(const TensorBank& weights, const std::string& suffix) const {
    const auto tensor = [&](const char* part) { return weights[config_.name + part + suffix]; };
    const bool gru = config_.type == LayerType::kGru;
    return {{tensor(".weight_ih"), tensor(".weight_hh"), tensor(gru ? ".bias_ih" : ".bias"),
             gru ? tensor(".bias_hh") : at::Tensor()},
            {}};
  }

  /// Of the inputs x and embedding and of this direction's four tensors.
  std::vector<at::Tensor> direction_gradients(at::TensorList inputs,
                                              const at::Tensor& output_gradient, size_t d) {
    std::vector<at::Tensor> own;
    own.push_back(inputs[0].defined() && inputs[0].requires_grad() ? at::empty_like(inputs[0])
                                                                   : at::Tensor());
    own.push_back(source_.empty_rows());
    for (const at::Tensor& weight : directions_[d].weights) {
      own.push_back(weight.defined() ? gradient_place(weight).zero_() : at::Tensor());
    }
    const kernels::RecurrentGradients targets{mutable_data_of(own[2]), mutable_data_of(own[3]),
                                              mutable_data_of(own[4]), mutable_data_of(own[5]),
                                              mutable_data_of(own[0]), mutable_data_of(own[1])};
    kernels::recurrent_backward(shape_of(d), weights_of(d), input_of(inputs),
                                part_of(output_gradient, d), targets, directions_[d].tape,
                                parallel_pieces);
    return own;
  }

  bool sequence() const { return config_.returns == Return::kSequence; }
  int64_t width() const { return config_.units * static_cast<int64_t>(directions_.size()); }

  kernels::RecurrentShape shape_of(size_t d) const {
    return {cell_, batch_, length_, features_, config_.units, /*reverse=*/d == 1, sequence()};
  }

  kernels::RecurrentWeights weights_of(size_t d) const {
    const auto& weights = directions_[d].weights;
    return {data_of(weights[0]), data_of(weights[1]), data_of(weights[2]), data_of(weights[3])};
  }

  kernels::RecurrentInput input_of(at::TensorList inputs) const {
    return {data_of(inputs[0]), source_.active() ? &source_.tokens() : nullptr, data_of(inputs[1]),
            lengths_.defined() ? lengths_.const_data_ptr<int64_t>() : nullptr};
  }

  /// Where this direction's units lie in an output or its gradient.
  kernels::RecurrentOutput part_of(const at::Tensor& whole, size_t d) const {
    const int64_t positions = sequence() ? length_ : 1;
    return {whole.data_ptr<float>() + static_cast<int64_t>(d) * config_.units * positions,
            width() * positions};
  }

  LayerConfig config_;
  kernels::Cell cell_;
  TokenSource source_;
  int64_t features_, length_, batch_ = 0;
  at::Tensor lengths_;
  std::vector<Direction> directions_;  // forward, then backward
};

}  // namespace

FusedLayers fuse_recurrent(const PlanWindow& window, const BuildContext& build) {
  const size_t lookups = is_lookup(window[0].config.type) ? 1 : 0;
  if (window.size() <= lookups) return {};
  const LayerPlan& plan = window[lookups];
  const auto cell = cell_of(plan.config);
  if (!cell || plan.config.units > kernels::kMaxRecurrentUnits) return {};
  TokenSource source = lookups > 0 ? TokenSource(window[0], build.weights) : TokenSource();
  return {std::make_unique<FusedRecurrent>(plan, *cell, std::move(source), build.weights),
          lookups + 1};
}

}  // namespace nnrun
