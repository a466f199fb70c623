#include <array>

#include "model/activation.h"
#include "model/cuda/kept.h"
#include "model/cuda/kernel_call.h"
#include "model/cuda/layers.h"
#include "model/cuda/token_index.h"

namespace nnrun {
namespace {

/// `embedding` alone.
class KernelEmbedding final : public Layer {
 public:
  explicit KernelEmbedding(const at::Tensor& table) : table_(table) {}
  at::Tensor forward(const at::Tensor& ids, const Context& context) override {
    return embed(table_, ids, context.tokens).transpose(1, 2);
  }

 private:
  at::Tensor table_;  // [vocabulary, units]
};

/// What a convolution on tokens reads besides its weight and bias.
struct ConvCall {
  NnrunTokenConv job;
  at::Tensor ids;  // [n, length] int32
  TokenOrder order;
};

class TokenConvNode : public torch::autograd::Function<TokenConvNode> {
 public:
  /// `weight` [filters, vocabulary, kernel].
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& weight,
                            const at::Tensor& bias, const std::shared_ptr<ConvCall>& call) {
    keep(*context, call);
    NnrunTokenConv job = call->job;
    at::Tensor output = at::empty({job.batch, job.filters, job.outputs}, weight.options());
    job.weight = weight.const_data_ptr<float>();
    job.bias = bias.const_data_ptr<float>();
    job.output = output.data_ptr<float>();
    check_kernel(nnrun_cuda_token_conv(&job, current_stream()));
    return output;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const ConvCall& call = kept<ConvCall>(*context);
    const at::Tensor gradient = gradients[0].contiguous();
    const int64_t kernel = call.job.kernel, filters = call.job.filters;
    at::Tensor sums = at::zeros({filters, call.job.vocabulary, kernel}, gradient.options());
    const TokenLists lists(call.order, filters * kernel);
    const NnrunTokenConvSums job{lists.job(), call.job, gradient.const_data_ptr<float>(),
                                 sums.data_ptr<float>()};
    check_kernel(nnrun_cuda_token_conv_sums(&job, current_stream()));
    constexpr std::array<int64_t, 2> kAllButFilters{0, 2};
    return {sums, gradient.sum(at::IntArrayRef(kAllButFilters)), at::Tensor()};
  }
};

/// `one_hot` and `conv1d`: entries of the weight added up.
class KernelTokenConv final : public Layer {
 public:
  KernelTokenConv(const LayerPlan& plan, const TensorBank& weights)
      : weight_(weights[plan.config.name + ".weight"]),
        bias_(weights[plan.config.name + ".bias"]),
        activation_(plan.config.activation) {
    job_.length = plan.in.dims[1];
    job_.outputs = plan.out.dims[1];
    job_.vocabulary = weight_.size(1);
    job_.filters = plan.config.filters;
    job_.kernel = plan.config.kernel[0];
    job_.stride = plan.config.stride[0];
    job_.pad_before = plan.pad[0][0];
  }

  at::Tensor forward(const at::Tensor& ids, const Context& context) override {
    const auto call = std::make_shared<ConvCall>(ConvCall{job_, ids.contiguous(), context.tokens});
    call->job.batch = ids.size(0);
    call->job.ids = call->ids.const_data_ptr<int32_t>();
    return activate(activation_, TokenConvNode::apply(weight_, bias_, call));
  }

 private:
  at::Tensor weight_, bias_;  // [filters, depth, kernel], [filters]
  Activation activation_;
  NnrunTokenConv job_{};
};

}  // namespace

FusedLayers gpu_token_conv(const std::vector<LayerPlan>& plans, size_t first,
                           const BuildContext& build) {
  if (first + 1 >= plans.size() || plans[first].config.type != LayerType::kOneHot) return {};
  if (plans[first + 1].config.type != LayerType::kConv1d) return {};
  return {std::make_unique<KernelTokenConv>(plans[first + 1], build.weights), 2};
}

FusedLayers gpu_embedding(const std::vector<LayerPlan>& plans, size_t first,
                          const BuildContext& build) {
  const LayerConfig& config = plans[first].config;
  if (config.type != LayerType::kEmbedding) return {};
  return {std::make_unique<KernelEmbedding>(build.weights[config.name + ".weight"]), 1};
}

}  // namespace nnrun
