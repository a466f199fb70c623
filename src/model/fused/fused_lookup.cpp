#include "model/activation.h"
#include "model/fused/fused_builders.h"
#include "model/fused/token_source.h"
#include "model/kernels/cpu/lookup.h"

namespace nnrun {
namespace {

/// `conv1d` on ids: a sum of table rows instead of a product with one-hot or embedded sequences.
class FusedTokenConv final : public KernelLayer {
 public:
  FusedTokenConv(const LayerPlan& plan, TokenSource source, const TensorBank& weights)
      : source_(std::move(source)),
        activation_(plan.config.activation),
        weight_(weights[plan.config.name + ".weight"]),
        bias_(weights[plan.config.name + ".bias"]) {
    shape_.length = plan.in.dims[1];
    shape_.inputs = plan.in.dims[0];
    shape_.filters = plan.config.filters;
    shape_.kernel = plan.config.kernel[0];
    shape_.stride = plan.config.stride[0];
    shape_.pad_before = plan.pad[0][0];
    shape_.outputs = plan.out.dims[1];
    shape_.relu = activation_ == Activation::kRelu;
  }

  at::Tensor forward(const at::Tensor& ids, const Context&) override {
    source_.index(ids);
    shape_.batch = ids.size(0);
    at::Tensor y = run({weight_, bias_, source_.embedding()});
    return shape_.relu ? y : activate(activation_, y);
  }

  at::Tensor compute(at::TensorList inputs, kernels::Pass) override {
    output_ = at::empty({shape_.batch, shape_.filters, shape_.outputs}, at::kFloat);
    kernels::conv_lookup_forward(shape_, data_of(inputs[0]), data_of(inputs[1]), input_of(inputs),
                                 mutable_data_of(output_), tape_, parallel_pieces);
    return output_;
  }

  std::vector<at::Tensor> gradients(at::TensorList inputs,
                                    const at::Tensor& output_gradient) override {
    at::Tensor d_weight = gradient_place(inputs[0]).zero_(), d_bias = gradient_place(inputs[1]);
    at::Tensor d_rows = source_.empty_rows();
    const kernels::ConvLookupGradients targets{mutable_data_of(d_weight), mutable_data_of(d_bias),
                                               mutable_data_of(d_rows)};
    kernels::conv_lookup_backward(shape_, input_of(inputs), data_of(output_),
                                  data_of(output_gradient), targets, tape_, parallel_pieces);
    return {d_weight, d_bias, source_.gradient(d_rows)};
  }

 private:
  kernels::ConvLookupInput input_of(at::TensorList inputs) const {
    return {&source_.tokens(), data_of(inputs[2])};
  }

  TokenSource source_;
  Activation activation_;
  at::Tensor weight_, bias_;
  kernels::ConvLookupShape shape_;
  kernels::ConvLookupTape tape_;
  at::Tensor output_;  // the backward pass asks it where relu cut
};

/// `embedding` alone, written as [n, units, length] at once.
class FusedEmbedding final : public KernelLayer {
 public:
  explicit FusedEmbedding(TokenSource source) : source_(std::move(source)) {}

  at::Tensor forward(const at::Tensor& ids, const Context&) override {
    source_.index(ids);
    batch_ = ids.size(0);
    length_ = ids.size(1);
    return run({source_.embedding()});
  }

  at::Tensor compute(at::TensorList inputs, kernels::Pass) override {
    at::Tensor output = at::empty({batch_, source_.width(), length_}, at::kFloat);
    kernels::embedding_gather(source_.tokens(), length_, source_.width(), data_of(inputs[0]),
                              mutable_data_of(output), parallel_pieces);
    return output;
  }

  std::vector<at::Tensor> gradients(at::TensorList, const at::Tensor& output_gradient) override {
    at::Tensor rows = source_.empty_rows();
    kernels::embedding_scatter(source_.tokens(), length_, source_.width(), data_of(output_gradient),
                               mutable_data_of(rows), scratch_, parallel_pieces);
    return {source_.gradient(rows)};
  }

 private:
  TokenSource source_;
  int64_t batch_ = 0, length_ = 0;
  kernels::EmbeddingScratch scratch_;
};

}  // namespace

FusedLayers fuse_token_conv(const PlanWindow& window, const BuildContext& build) {
  if (window.size() < 2 || !is_lookup(window[0].config.type)) return {};
  if (window[1].config.type != LayerType::kConv1d) return {};
  return {std::make_unique<FusedTokenConv>(window[1], TokenSource(window[0], build.weights),
                                           build.weights),
          2};
}

FusedLayers fuse_embedding(const PlanWindow& window, const BuildContext& build) {
  if (window[0].config.type != LayerType::kEmbedding) return {};
  return {std::make_unique<FusedEmbedding>(TokenSource(window[0], build.weights)), 1};
}

}  // namespace nnrun
