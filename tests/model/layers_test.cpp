#include <gtest/gtest.h>

#include <map>

#include "config/layer_builders.h"
#include "config/layer_rules.h"
#include "model/model_fixture.h"
#include "model/network.h"
#include "model/reference_data.h"

namespace nnrun {
namespace {

using namespace testing;
using Layers = std::vector<LayerConfig>;

// ---- the layers of tests/reference/make_layer_reference.py, by case
// ------------------------------

LayerConfig with_activation(LayerConfig config, Activation activation) {
  config.activation = activation;
  return config;
}

LayerConfig conv_of(LayerType type, int64_t filters, std::array<int64_t, 2> kernel,
                    std::array<int64_t, 2> stride, Padding padding,
                    Activation activation = Activation::kNone) {
  LayerConfig config = conv("A", type, filters, 1);
  config.kernel = kernel;
  config.stride = stride;
  config.padding = padding;
  return with_activation(config, activation);
}

LayerConfig pool_of(LayerType type, std::array<int64_t, 2> size, std::array<int64_t, 2> stride,
                    Padding padding) {
  LayerConfig config = pool("A", type, 1, 1, padding);
  config.size = size;
  config.stride = stride;
  return config;
}

LayerConfig cell(const std::string& name, LayerType type, Return returns = Return::kLast,
                 Activation activation = Activation::kTanh) {
  return with_activation(recurrent(name, type, 4, returns), activation);
}

LayerConfig both_ways(LayerConfig config) {
  config.bidirectional = true;
  return config;
}

LayerConfig masked(LayerConfig config) {
  config.mask_padding = true;
  return config;
}

LayerConfig reset_before(LayerConfig config) {
  config.reset_after = false;
  return config;
}

std::map<std::string, Layers> image_cases() {
  using enum LayerType;
  const LayerConfig same = conv_of(kConv2d, 3, {3, 3}, {1, 1}, Padding::kSame, Activation::kRelu);
  return {
      {"conv2d_valid", {conv_of(kConv2d, 4, {3, 2}, {2, 1}, Padding::kValid, Activation::kRelu)}},
      {"conv2d_same", {conv_of(kConv2d, 2, {4, 3}, {2, 2}, Padding::kSame, Activation::kTanh)}},
      {"max_pool2d_valid", {pool_of(kMaxPool2d, {2, 2}, {2, 2}, Padding::kValid)}},
      {"max_pool2d_same", {pool_of(kMaxPool2d, {4, 3}, {2, 2}, Padding::kSame)}},
      {"avg_pool2d_valid", {pool_of(kAvgPool2d, {3, 2}, {2, 2}, Padding::kValid)}},
      {"avg_pool2d_same", {pool_of(kAvgPool2d, {4, 3}, {2, 2}, Padding::kSame)}},
      {"global_avg_pool", {layer("A", kGlobalAvgPool)}},
      {"global_max_pool", {layer("A", kGlobalMaxPool)}},
      {"batch_norm_training", {layer("A", kBatchNorm)}},
      {"batch_norm_inference", {layer("A", kBatchNorm)}},
      {"layer_norm_image", {layer("A", kLayerNorm)}},
      {"residual", {residual("R", {same})}},
  };
}

std::map<std::string, Layers> vector_cases() {
  return {
      {"dense_relu", {with_activation(dense("A", 4), Activation::kRelu)}},
      {"dense_tanh", {with_activation(dense("A", 4), Activation::kTanh)}},
      {"dense_sigmoid", {with_activation(dense("A", 4), Activation::kSigmoid)}},
      {"dense_silu", {with_activation(dense("A", 4), Activation::kSilu)}},
      {"dense_gelu", {with_activation(dense("A", 4), Activation::kGelu)}},
      {"dense_leaky_relu", {with_activation(dense("A", 4), Activation::kLeakyRelu)}},
      {"layer_norm_vector", {layer("A", LayerType::kLayerNorm)}},
  };
}

std::map<std::string, Layers> sequence_cases() {
  using enum LayerType;
  const LayerConfig table = embedding("A", 3), hot = one_hot("hot", 7);
  return {
      {"conv1d_valid", {conv_of(kConv1d, 4, {3, 0}, {2, 1}, Padding::kValid, Activation::kRelu)}},
      {"conv1d_same", {conv_of(kConv1d, 2, {4, 0}, {1, 1}, Padding::kSame)}},
      {"max_pool1d_same", {pool_of(kMaxPool1d, {4, 0}, {2, 0}, Padding::kSame)}},
      {"global_max_pool_sequence", {layer("A", kGlobalMaxPool)}},
      {"layer_norm_sequence", {layer("A", kLayerNorm)}},
      {"embedding", {table}},
      {"embedding_bag", {with_units("A", kEmbeddingBag, 3)}},
      {"one_hot_conv1d", {hot, conv1d("B", 2, 3)}},
      {"one_hot_lstm", {hot, cell("B", kLstm)}},
      {"embedding_gru", {table, cell("B", kGru)}},
      {"masked_gru", {table, masked(cell("B", kGru))}},
      {"masked_lstm_sequence", {table, masked(cell("B", kLstm, Return::kSequence))}},
      {"masked_bidirectional_rnn", {table, masked(both_ways(cell("B", kRnn)))}},
      {"masked_bidirectional_gru_sequence",
       {table, masked(both_ways(cell("B", kGru, Return::kSequence)))}},
      {"masked_bidirectional_lstm_sequence",
       {table, masked(both_ways(cell("B", kLstm, Return::kSequence)))}},
  };
}

std::map<std::string, Layers> recurrent_cases() {
  using enum LayerType;
  const Return whole = Return::kSequence;
  return {
      {"rnn_tanh", {cell("A", kRnn)}},
      {"rnn_relu", {cell("A", kRnn, Return::kLast, Activation::kRelu)}},
      {"rnn_linear", {cell("A", kRnn, Return::kLast, Activation::kLinear)}},
      {"gru_after_last", {cell("A", kGru)}},
      {"gru_after_sequence", {cell("A", kGru, whole)}},
      {"gru_before_last", {reset_before(cell("A", kGru))}},
      {"gru_before_sequence", {reset_before(cell("A", kGru, whole))}},
      {"lstm_last", {cell("A", kLstm)}},
      {"lstm_sequence", {cell("A", kLstm, whole)}},
      {"bidirectional_gru_last", {both_ways(cell("A", kGru))}},
      {"bidirectional_lstm_sequence", {both_ways(cell("A", kLstm, whole))}},
      {"stacked_gru", {cell("A", kGru, whole), recurrent("B", kGru, 3)}},
  };
}

std::map<std::string, Layers> all_cases() {
  std::map<std::string, Layers> cases = image_cases();
  cases.merge(vector_cases());
  cases.merge(sequence_cases());
  cases.merge(recurrent_cases());
  return cases;
}

// ---- running a case
// ------------------------------------------------------------------------------

/// What the data would have to be for this input: ids when no gradient of it is expected.
InputSpec input_for(const nlohmann::json& expected) {
  auto dims = expected.at("input").at("shape").get<std::vector<int64_t>>();
  dims.erase(dims.begin());
  if (!expected.contains("input_gradient")) return {{ShapeKind::kIds, dims}, 0, 6, 0};
  constexpr ShapeKind kKinds[] = {ShapeKind::kVector, ShapeKind::kSequence, ShapeKind::kImage};
  return {{kKinds[dims.size() - 1], dims}, 0, std::nullopt, 0};
}

/// The plan without the rule that a model ends in logits.
ModelPlan inner_plan(Layers layers, const InputSpec& input) {
  number(layers, "/model/layers");
  ModelPlan plan;
  plan.input = input;
  plan_layers(layers, input.shape, {input, InitScheme::kKeras, fail_on_problem}, plan.layers);
  return plan;
}

/// A case with its network built; the layer of a residual is called A, as in the script.
class LayerCase {
 public:
  LayerCase(const std::string& name, Kernels kernels, const nlohmann::json& expected)
      : expected_(expected),
        plan_(inner_plan(all_cases().at(name), input_for(expected))),
        weights_(plan_.all_parameters(), at::kCPU),
        network_(plan_.layers, {weights_, kernels}) {
    for (const auto& [tensor, entry] : expected.at("weights").items()) {
      const auto values = entry.at("values").get<std::vector<float>>();
      EXPECT_TRUE(weights_.load(tensor, {tensor, entry.at("shape"), values})) << tensor;
    }
    for (const ParameterSpec& spec : weights_.specs()) {
      if (spec.trainable) weights_[spec.name].set_requires_grad(true);
    }
  }

  void check() {
    at::Tensor x = tensor_of(expected_.at("input"));
    const bool ids = !expected_.contains("input_gradient");
    x = ids ? x.to(at::kInt) : x.set_requires_grad(true);
    const at::Tensor y = network_.forward(x, context(x));
    EXPECT_LT(error_of(y, tensor_of(expected_.at("output"))), 3e-6) << "output";
    check_gradients(x, (y * tensor_of(expected_.at("cotangent"))).sum(), ids);
    for (const auto& [name, entry] : expected_.at("after").items()) {
      EXPECT_LT(error_of(weights_[name], tensor_of(entry)), 3e-6) << name;
    }
  }

 private:
  void check_gradients(const at::Tensor& x, const at::Tensor& loss, bool ids) {
    std::map<std::string, at::Tensor> wanted;
    for (const auto& [name, entry] : expected_.at("gradients").items())
      wanted[name] = weights_[name];
    if (!ids) wanted["input"] = x;
    std::vector<at::Tensor> tensors;
    for (const auto& [name, tensor] : wanted) tensors.push_back(tensor);
    const auto gradients = torch::autograd::grad({loss}, tensors);
    size_t i = 0;
    for (const auto& [name, tensor] : wanted) {
      const auto& entry =
          name == "input" ? expected_.at("input_gradient") : expected_.at("gradients").at(name);
      const at::Tensor gradient = gradients[i++].to_dense();  // of a lookup, it is sparse
      EXPECT_LT(error_of(gradient, tensor_of(entry)), 1e-5) << "gradient of " << name;
    }
  }

  /// Lengths and, for bags, the ids before each text's end.
  Context context(const at::Tensor& x) const {
    Context context;
    context.training = expected_.at("training");
    if (!expected_.contains("lengths")) return context;
    const auto lengths = expected_.at("lengths").get<std::vector<int64_t>>();
    context.lengths = at::tensor(lengths, at::kLong);
    std::vector<at::Tensor> bags;
    for (size_t i = 0; i < lengths.size(); ++i) {
      bags.push_back(x[static_cast<int64_t>(i)].narrow(0, 0, lengths[i]));
    }
    context.bag_ids = at::cat(bags);
    context.bag_offsets =
        at::cat({at::zeros({1}, at::kLong), context.lengths.cumsum(0)}).to(at::kInt);
    return context;
  }

  const nlohmann::json& expected_;
  ModelPlan plan_;
  TensorBank weights_;
  Network network_;
};

const nlohmann::json& reference() {
  static const nlohmann::json json = read_reference("layers.json");
  return json;
}

TEST(LayersTestReference, HasEveryCase) {
  const auto cases = all_cases();
  EXPECT_EQ(reference().size(), cases.size());
  for (const auto& [name, layers] : cases) EXPECT_TRUE(reference().contains(name)) << name;
}

/// Forward, backward and running statistics against Keras 3, in the plain and in the fused form.
class LayersTestKeras : public ::testing::TestWithParam<std::string> {};

TEST_P(LayersTestKeras, PlainForm) {
  LayerCase(GetParam(), Kernels::kReference, reference().at(GetParam())).check();
}

TEST_P(LayersTestKeras, FusedForm) {
  LayerCase(GetParam(), Kernels::kAuto, reference().at(GetParam())).check();
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& [name, layers] : all_cases()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Cases, LayersTestKeras, ::testing::ValuesIn(case_names()),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace nnrun
