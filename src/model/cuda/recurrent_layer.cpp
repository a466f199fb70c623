#include <optional>

#include "model/cuda/kept.h"
#include "model/cuda/kernel_call.h"
#include "model/cuda/layers.h"
#include "model/cuda/token_index.h"
#include "model/kernels/cuda/recurrent.h"

namespace nnrun {
namespace {

std::optional<NnrunCell> rnn_cell(Activation activation) {
  switch (activation) {
    case Activation::kTanh:
      return kNnrunRnnTanh;
    case Activation::kRelu:
      return kNnrunRnnRelu;
    case Activation::kLinear:
    case Activation::kNone:
      return kNnrunRnnLinear;
    default:
      return std::nullopt;
  }
}

/// The kernel for a layer; nullopt where it has only its LibTorch form.
std::optional<NnrunCell> cell_of(const LayerConfig& config) {
  if (config.units > kNnrunMaxUnits) return std::nullopt;
  switch (config.type) {
    case LayerType::kRnn:
      return rnn_cell(config.activation);
    case LayerType::kGru:
      return config.reset_after ? std::optional(kNnrunGru) : std::nullopt;
    case LayerType::kLstm:
      return kNnrunLstm;
    default:
      return std::nullopt;
  }
}

struct Direction {
  at::Tensor weight_ih, bias_ih, weight_hh;
  std::optional<at::Tensor> bias_hh;  // gru
};

/// One pass over a batch in one direction, and back.
struct RecurrentPass {
  NnrunRecurrent job;
  bool training;
  at::Tensor ids;      // [n, length] int32: columns of weight_ih; undefined: the input is projected
  TokenOrder order;    // of `ids`
  at::Tensor lengths;  // [n] int64, or undefined
  at::Tensor tape, bias_ih, weight_hh, bias_hh;
  int64_t depth = 0;  // of the ids

  /// `projected`: [n length, gate rows], or for ids weight_ih itself, [gate rows, depth].
  void bind(const at::Tensor& projected) {
    job.projected = projected.const_data_ptr<float>();
    job.row_stride = projected.stride(ids.defined() ? 1 : 0);
    job.entry_stride = projected.stride(ids.defined() ? 0 : 1);
    job.ids = ids.defined() ? ids.const_data_ptr<int32_t>() : nullptr;
    job.lengths = lengths.defined() ? lengths.const_data_ptr<int64_t>() : nullptr;
    job.bias_ih = bias_ih.const_data_ptr<float>();
    job.weight_hh = weight_hh.const_data_ptr<float>();
    job.bias_hh = bias_hh.defined() ? bias_hh.const_data_ptr<float>() : nullptr;
    job.output_stride = job.units * (job.sequence != 0 ? job.length : 1);
  }

  at::Tensor forward(const at::Tensor& projected) {
    bind(projected);
    depth = projected.size(1);
    const auto options = projected.options();
    std::vector<int64_t> shape{job.batch, job.units};
    if (job.sequence != 0) shape.push_back(job.length);
    at::Tensor output = at::empty(shape, options);
    if (training) {
      tape = at::empty({job.batch, job.length, nnrun_cuda_tape_size(job.cell, job.units)}, options);
    }
    job.output = output.data_ptr<float>();
    job.tape = training ? tape.data_ptr<float>() : nullptr;
    check_kernel(nnrun_cuda_recurrent_forward(&job, current_stream()));
    return output;
  }

  /// Of projected, bias_ih, weight_hh and bias_hh.
  torch::autograd::variable_list gradients(const at::Tensor& output_gradient) {
    const auto options = output_gradient.options();
    const int64_t gate_rows = bias_ih.numel(), weights = weight_hh.numel();
    at::Tensor projected = at::empty({job.batch * job.length, gate_rows}, options);
    const int64_t partial_size = nnrun_cuda_partial_size(job.cell, job.units);
    at::Tensor partials = at::empty({job.batch, partial_size}, options);
    job.output_gradient = output_gradient.const_data_ptr<float>();
    job.projected_gradient = projected.data_ptr<float>();
    job.partials = partials.data_ptr<float>();
    check_kernel(nnrun_cuda_recurrent_backward(&job, current_stream()));
    const at::Tensor sums = partials.sum(0);
    return {ids.defined() ? of_columns(projected) : projected, sums.narrow(0, weights, gate_rows),
            sums.narrow(0, 0, weights).view_as(weight_hh),
            bias_hh.defined() ? sums.narrow(0, weights + gate_rows, gate_rows) : at::Tensor()};
  }

  /// The gradient of weight_ih from that of the columns it gave.
  at::Tensor of_columns(const at::Tensor& rows) const {
    at::Tensor sums = at::zeros({rows.size(1), depth}, rows.options());
    token_sums(order, rows, sums.t());
    return sums;
  }
};

class RecurrentNode : public torch::autograd::Function<RecurrentNode> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& projected,
                            const at::Tensor& bias_ih, const at::Tensor& weight_hh,
                            const std::optional<at::Tensor>& bias_hh,
                            const std::shared_ptr<RecurrentPass>& pass) {
    keep(*context, pass);
    pass->bias_ih = bias_ih.detach();
    pass->weight_hh = weight_hh.detach();
    pass->bias_hh = bias_hh ? bias_hh->detach() : at::Tensor();
    return pass->forward(projected);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto all = kept<RecurrentPass>(*context).gradients(gradients[0].contiguous());
    all.emplace_back();  // of `pass`
    return all;
  }
};

/// `rnn`, `gru` or `lstm` on dense sequences, or on ids behind a one_hot or an embedding. Only the
/// recurrence is a kernel; the products in front of it are LibTorch's.
class KernelRecurrent final : public Layer {
 public:
  KernelRecurrent(const LayerPlan& plan, NnrunCell cell, const LayerPlan* lookup,
                  const BuildContext& build)
      : config_(plan.config), one_hot_(lookup && lookup->config.type == LayerType::kOneHot) {
    if (lookup && !one_hot_) embedding_ = build.weights[lookup->config.name + ".weight"];
    job_.cell = cell;
    job_.units = static_cast<int32_t>(config_.units);
    job_.sequence = config_.returns == Return::kSequence;
    job_.length = plan.in.dims[1];
    directions_.push_back(direction(build.weights, ""));
    if (config_.bidirectional) directions_.push_back(direction(build.weights, "_reverse"));
  }

  at::Tensor forward(const at::Tensor& x, const Context& context) override {
    std::vector<at::Tensor> outputs;
    for (size_t d = 0; d < directions_.size(); ++d) {
      const Direction& direction = directions_[d];
      const auto pass = std::make_shared<RecurrentPass>(pass_over(x, context));
      pass->job.reverse = d == 1;
      outputs.push_back(RecurrentNode::apply(projected(x, direction, context), direction.bias_ih,
                                             direction.weight_hh, direction.bias_hh, pass));
    }
    return outputs.size() == 1 ? outputs[0] : at::cat(outputs, 1);
  }

 private:
  Direction direction(const TensorBank& weights, const std::string& suffix) const {
    const auto tensor = [&](const char* part) { return weights[config_.name + part + suffix]; };
    const bool gru = config_.type == LayerType::kGru;
    return {tensor(".weight_ih"), tensor(gru ? ".bias_ih" : ".bias"), tensor(".weight_hh"),
            gru ? std::optional(tensor(".bias_hh")) : std::nullopt};
  }

  RecurrentPass pass_over(const at::Tensor& x, const Context& context) const {
    RecurrentPass pass{job_, at::GradMode::is_enabled(), {}, context.tokens, {}, {}, {}, {}, {}};
    pass.job.batch = x.size(0);
    if (one_hot_) pass.ids = x.contiguous();
    if (config_.mask_padding) pass.lengths = context.lengths.contiguous();
    return pass;
  }

  /// W x, [n length, gate rows]; for ids behind a one_hot W itself.
  at::Tensor projected(const at::Tensor& x, const Direction& direction,
                       const Context& context) const {
    if (one_hot_) return direction.weight_ih;
    const at::Tensor steps =
        embedding_.defined() ? embed(embedding_, x, context.tokens) : x.transpose(1, 2);
    const at::Tensor rows = steps.reshape({-1, steps.size(2)});
    return at::mm(rows, direction.weight_ih.t()).to(at::kFloat);
  }

  LayerConfig config_;
  bool one_hot_;
  at::Tensor embedding_;
  NnrunRecurrent job_{};
  std::vector<Direction> directions_;  // forward, then backward
};

}  // namespace

FusedLayers gpu_recurrent(const std::vector<LayerPlan>& plans, size_t first,
                          const BuildContext& build) {
  const LayerPlan* const lookup = is_lookup(plans[first].config.type) ? &plans[first] : nullptr;
  const size_t own = first + (lookup != nullptr ? 1 : 0);
  if (own >= plans.size()) return {};
  const auto cell = cell_of(plans[own].config);
  if (!cell) return {};
  return {std::make_unique<KernelRecurrent>(plans[own], *cell, lookup, build), own + 1 - first};
}

}  // namespace nnrun
