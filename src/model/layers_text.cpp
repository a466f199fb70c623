#include <torch/torch.h>

#include <memory>

#include "model/layers.h"

namespace nnrun {
namespace {

/// ids [n, length] -> [n, units, length].
class Embedding final : public Layer {
 public:
  explicit Embedding(const at::Tensor& weight) : weight_(weight) {}
  at::Tensor forward(const at::Tensor& ids, const Context&) override {
    return at::embedding(weight_, ids).transpose(1, 2);
  }

 private:
  at::Tensor weight_;  // [vocabulary, units]
};

/// Mean of the embeddings of all ids of a text (n-grams included); a text without ids gives zeros.
class EmbeddingBag final : public Layer {
 public:
  explicit EmbeddingBag(const at::Tensor& weight) : weight_(weight) {}
  at::Tensor forward(const at::Tensor&, const Context& context) override {
    constexpr int64_t kMean = 1;
    return std::get<0>(at::embedding_bag(weight_, context.bag_ids, context.bag_offsets,
                                         /*scale_grad_by_freq=*/false, kMean, /*sparse=*/false,
                                         /*per_sample_weights=*/{}, /*include_last_offset=*/true));
  }

 private:
  at::Tensor weight_;  // [vocabulary + buckets, units]
};

/// ids [n, length] -> [n, depth, length], 1 where the id is the row's number.
class OneHot final : public Layer {
 public:
  explicit OneHot(int64_t depth) : depth_(depth) {}
  at::Tensor forward(const at::Tensor& ids, const Context&) override {
    if (ids.is_cuda()) return compared(ids);
    const auto options = ids.options().dtype(at::kFloat);
    return at::zeros({ids.size(0), depth_, ids.size(1)}, options)
        .scatter_(1, ids.unsqueeze(1).to(at::kLong), 1);
  }

 private:
  /// The same by comparing: a GPU writes each entry once, in no particular order.
  at::Tensor compared(const at::Tensor& ids) const {
    const at::Tensor rows = at::arange(depth_, ids.options()).view({1, -1, 1});
    return ids.unsqueeze(1).eq(rows).to(at::kFloat);
  }

  int64_t depth_;
};

}  // namespace

std::unique_ptr<Layer> build_embedding(const LayerPlan& plan, const BuildContext& build) {
  return std::make_unique<Embedding>(build.weights[plan.config.name + ".weight"]);
}

std::unique_ptr<Layer> build_embedding_bag(const LayerPlan& plan, const BuildContext& build) {
  return std::make_unique<EmbeddingBag>(build.weights[plan.config.name + ".weight"]);
}

std::unique_ptr<Layer> build_one_hot(const LayerPlan& plan, const BuildContext&) {
  return std::make_unique<OneHot>(plan.config.depth);
}

}  // namespace nnrun
