#include <algorithm>

#include "model/fused/fused_builders.h"
#include "model/fused/kernel_layer.h"
#include "model/kernels/cpu/lookup.h"
#include "model/row_gradient.h"

namespace nnrun {
namespace {

/// `embedding_bag`: rows of the table are read and their gradients summed as they come.
class FusedEmbeddingBag final : public KernelLayer {
 public:
  explicit FusedEmbeddingBag(const at::Tensor& weight) : weight_(weight) {}

  at::Tensor forward(const at::Tensor&, const Context& context) override {
    ids_ = context.bag_ids.contiguous();
    offsets_ = context.bag_offsets.contiguous();
    return run({weight_});
  }

  at::Tensor compute(at::TensorList inputs, kernels::Pass) override {
    at::Tensor output = at::empty({batch(), units()}, at::kFloat);
    kernels::bag_gather(bags(), units(), data_of(inputs[0]), mutable_data_of(output),
                        parallel_pieces);
    return output;
  }

  std::vector<at::Tensor> gradients(at::TensorList, const at::Tensor& output_gradient) override {
    const auto sums = kernels::bag_scatter(bags(), weight_.size(0), units(),
                                           data_of(output_gradient), scratch_, parallel_pieces);
    const std::vector<int64_t>& ids = scratch_.tokens.ids;
    const auto rows = static_cast<int64_t>(ids.size());
    at::Tensor values = at::empty({rows, units()}, at::kFloat);
    float* to = mutable_data_of(values);
    for (int64_t u = 0; u < rows; ++u, to += units()) {
      std::copy_n(sums.data + u * sums.stride, units(), to);
    }
    return {row_gradient(ids, values, weight_.size(0))};
  }

 private:
  int64_t batch() const { return offsets_.size(0) - 1; }
  int64_t units() const { return weight_.size(1); }
  kernels::BagIds bags() const {
    return {ids_.const_data_ptr<int32_t>(), offsets_.const_data_ptr<int32_t>(), batch()};
  }

  at::Tensor weight_;         // [vocabulary + buckets, units]
  at::Tensor ids_, offsets_;  // of the last batch, int32
  kernels::BagScratch scratch_;
};

}  // namespace

FusedLayers fuse_embedding_bag(const PlanWindow& window, const BuildContext& build) {
  const LayerConfig& config = window[0].config;
  if (config.type != LayerType::kEmbeddingBag) return {};
  return {std::make_unique<FusedEmbeddingBag>(build.weights[config.name + ".weight"]), 1};
}

}  // namespace nnrun
