#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "model/activation.h"
#include "model/layers.h"

namespace nnrun {
namespace {

/// The tensors of one direction; `name` is "R1", `suffix` "" or "_reverse".
struct CellWeights {
  at::Tensor input, recurrent;      // [gates * units, features], [gates * units, units]
  at::Tensor bias, recurrent_bias;  // [gates * units]; the second only for a gru with reset_after
};

/// What goes from one position to the next, [n, units] each.
struct State {
  at::Tensor output;
  at::Tensor cell;  // lstm only
};

/// One position of a recurrent layer. `projected` is W x + b, [n, gates * units].
class Cell {
 public:
  virtual ~Cell() = default;
  virtual State step(const at::Tensor& projected, const State& before,
                     const CellWeights& weights) const = 0;
};

/// h' = f(W x + U h + b).
class RnnCell final : public Cell {
 public:
  explicit RnnCell(Activation activation) : activation_(activation) {}
  State step(const at::Tensor& projected, const State& before,
             const CellWeights& weights) const override {
    at::Tensor sum = at::addmm(projected, before.output, weights.recurrent.t());
    return {activate_fresh(activation_, std::move(sum)), {}};
  }

 private:
  Activation activation_;
};

/// h' = z h + (1 - z) n, gates r, z, n (Cho et al. 2014); n = tanh(W x + r (U h + b')) with
/// reset_after (Keras's and cuDNN's form), n = tanh(W x + U (r h)) without.
class GruCell final : public Cell {
 public:
  explicit GruCell(bool reset_after) : reset_after_(reset_after) {}
  State step(const at::Tensor& projected, const State& before,
             const CellWeights& weights) const override {
    const at::Tensor& h = before.output;
    const Gates x = projected.chunk(3, 1);
    return {reset_after_ ? reset_product(x, h, weights) : reset_state(x, h, weights), {}};
  }

 private:
  using Gates = std::vector<at::Tensor>;

  static at::Tensor mix(const at::Tensor& z, const at::Tensor& h, const at::Tensor& n) {
    return n + z * (h - n);
  }

  static at::Tensor reset_product(const Gates& x, const at::Tensor& h, const CellWeights& weights) {
    const Gates u = at::linear(h, weights.recurrent, weights.recurrent_bias).chunk(3, 1);
    const at::Tensor r = at::sigmoid(x[0] + u[0]), z = at::sigmoid(x[1] + u[1]);
    return mix(z, h, at::tanh(x[2] + r * u[2]));
  }

  static at::Tensor reset_state(const Gates& x, const at::Tensor& h, const CellWeights& weights) {
    const Gates u = weights.recurrent.chunk(3, 0);
    const at::Tensor r = at::sigmoid(at::addmm(x[0], h, u[0].t()));
    const at::Tensor z = at::sigmoid(at::addmm(x[1], h, u[1].t()));
    return mix(z, h, at::tanh(at::addmm(x[2], r * h, u[2].t())));
  }

  bool reset_after_;
};

/// c' = f c + i g, h' = o tanh(c'), gates i, f, g, o (Hochreiter and Schmidhuber 1997, with forget
/// gate).
class LstmCell final : public Cell {
 public:
  State step(const at::Tensor& projected, const State& before,
             const CellWeights& weights) const override {
    const auto gates = at::addmm(projected, before.output, weights.recurrent.t()).chunk(4, 1);
    const at::Tensor i = at::sigmoid(gates[0]), f = at::sigmoid(gates[1]);
    const at::Tensor g = at::tanh(gates[2]), o = at::sigmoid(gates[3]);
    const at::Tensor c = f * before.cell + i * g;
    return {o * at::tanh(c), c};
  }
};

/// `rnn`, `gru` and `lstm`: a cell that runs over the positions, in one direction or both.
class Recurrent final : public Layer {
 public:
  Recurrent(const LayerPlan& plan, const TensorBank& weights, std::unique_ptr<Cell> cell)
      : config_(plan.config), cell_(std::move(cell)) {
    directions_.push_back(direction(weights, ""));
    if (config_.bidirectional) directions_.push_back(direction(weights, "_reverse"));
  }

  /// [n, features, length] -> [n, units] or [n, units, length]; units doubled when bidirectional.
  at::Tensor forward(const at::Tensor& x, const Context& context) override {
    const at::Tensor steps = x.permute({2, 0, 1});
    const std::vector<at::Tensor> inside = text_mask(steps, context);
    std::vector<at::Tensor> outputs;
    for (size_t d = 0; d < directions_.size(); ++d) {
      outputs.push_back(run(steps, inside, directions_[d], /*backward=*/d == 1));
    }
    return outputs.size() == 1 ? outputs[0] : at::cat(outputs, 1);
  }

 private:
  CellWeights direction(const TensorBank& weights, const std::string& suffix) const {
    const auto tensor = [&](const char* part) { return weights[config_.name + part + suffix]; };
    if (config_.type != LayerType::kGru) {
      return {tensor(".weight_ih"), tensor(".weight_hh"), tensor(".bias"), {}};
    }
    return {tensor(".weight_ih"), tensor(".weight_hh"), tensor(".bias_ih"),
            config_.reset_after ? tensor(".bias_hh") : at::Tensor()};
  }

  /// Per position, [n, 1]: true inside the text. Empty when padding counts like text.
  std::vector<at::Tensor> text_mask(const at::Tensor& steps, const Context& context) const {
    if (!config_.mask_padding) return {};
    const at::Tensor positions = at::arange(steps.size(0), context.lengths.options());
    return (positions.view({-1, 1, 1}) < context.lengths.view({1, -1, 1})).unbind(0);
  }

  /// At a masked position the state stays as it is, and with it the output.
  static State masked(const at::Tensor& inside, const State& now, const State& before) {
    return {at::where(inside, now.output, before.output),
            now.cell.defined() ? at::where(inside, now.cell, before.cell) : at::Tensor()};
  }

  at::Tensor run(const at::Tensor& steps, const std::vector<at::Tensor>& inside,
                 const CellWeights& weights, bool backward) const {
    const std::vector<at::Tensor> projected =
        at::linear(steps, weights.input, weights.bias).unbind(0);
    const at::Tensor zeros = at::zeros({steps.size(1), weights.recurrent.size(1)}, steps.options());
    State state{zeros, config_.type == LayerType::kLstm ? zeros : at::Tensor()};
    std::vector<at::Tensor> outputs(projected.size());
    for (size_t k = 0; k < projected.size(); ++k) {
      const size_t t = backward ? projected.size() - 1 - k : k;
      const State now = cell_->step(projected[t], state, weights);
      state = inside.empty() ? now : masked(inside[t], now, state);
      outputs[t] = state.output;
    }
    return config_.returns == Return::kLast ? state.output : at::stack(outputs, 2);
  }

  LayerConfig config_;
  std::unique_ptr<Cell> cell_;
  std::vector<CellWeights> directions_;  // forward, then backward
};

}  // namespace

std::unique_ptr<Layer> build_rnn(const LayerPlan& plan, const BuildContext& build) {
  auto cell = std::make_unique<RnnCell>(plan.config.activation);
  return std::make_unique<Recurrent>(plan, build.weights, std::move(cell));
}

std::unique_ptr<Layer> build_gru(const LayerPlan& plan, const BuildContext& build) {
  auto cell = std::make_unique<GruCell>(plan.config.reset_after);
  return std::make_unique<Recurrent>(plan, build.weights, std::move(cell));
}

std::unique_ptr<Layer> build_lstm(const LayerPlan& plan, const BuildContext& build) {
  return std::make_unique<Recurrent>(plan, build.weights, std::make_unique<LstmCell>());
}

}  // namespace nnrun
