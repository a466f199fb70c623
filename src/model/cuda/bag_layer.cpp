#include "model/cuda/kept.h"
#include "model/cuda/kernel_call.h"
#include "model/cuda/layers.h"
#include "model/cuda/token_index.h"

namespace nnrun {
namespace {

/// A batch of bags and what the backward pass needs of it.
struct BagCall {
  NnrunBags job;
  at::Tensor ids;    // [n, longest] int32
  at::Tensor sizes;  // [n]
  TokenOrder order;
};

class BagNode : public torch::autograd::Function<BagNode> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& table,
                            const std::shared_ptr<BagCall>& call) {
    keep(*context, call);
    context->saved_data["vocabulary"] = table.size(0);
    at::Tensor output = at::empty({call->job.bags, call->job.units}, table.options());
    call->job.table = table.const_data_ptr<float>();
    call->job.output = output.data_ptr<float>();
    check_kernel(nnrun_cuda_bag_means(&call->job, current_stream()));
    return output;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const BagCall& call = kept<BagCall>(*context);
    const at::Tensor gradient = gradients[0].contiguous();
    const int64_t vocabulary = context->saved_data["vocabulary"].toInt();
    at::Tensor sums = at::zeros({vocabulary, call.job.units}, gradient.options());
    const TokenLists lists(call.order, call.job.units);
    const NnrunBagSums job{lists.job(), call.job, gradient.const_data_ptr<float>(),
                           sums.data_ptr<float>()};
    check_kernel(nnrun_cuda_bag_sums(&job, current_stream()));
    return {sums, at::Tensor()};
  }
};

/// `embedding_bag` on bags of one length, as ResidentExamples holds them for the CUDA half.
class KernelEmbeddingBag final : public Layer {
 public:
  explicit KernelEmbeddingBag(const at::Tensor& table) : table_(table) {}

  at::Tensor forward(const at::Tensor& ids, const Context& context) override {
    const auto call = std::make_shared<BagCall>();
    call->ids = ids.contiguous();
    call->order = context.tokens;
    call->sizes = at::empty({ids.size(0)}, table_.options());
    call->job = {call->ids.const_data_ptr<int32_t>(),
                 ids.size(0),
                 ids.size(1),
                 nullptr,
                 table_.size(1),
                 nullptr,
                 call->sizes.data_ptr<float>()};
    return BagNode::apply(table_, call);
  }

 private:
  at::Tensor table_;  // [vocabulary + buckets, units]
};

}  // namespace

FusedLayers gpu_embedding_bag(const std::vector<LayerPlan>& plans, size_t first,
                              const BuildContext& build) {
  const LayerConfig& config = plans[first].config;
  if (config.type != LayerType::kEmbeddingBag) return {};
  return {std::make_unique<KernelEmbeddingBag>(build.weights[config.name + ".weight"]), 1};
}

}  // namespace nnrun
