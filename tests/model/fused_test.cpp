#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <thread>

#include "config/layer_builders.h"
#include "config/layer_rules.h"
#include "model/fused/kernel_layer.h"
#include "model/model_fixture.h"
#include "model/network.h"
#include "model/reference_data.h"

namespace nnrun {
namespace {

using namespace testing;
using Layers = std::vector<LayerConfig>;

// Fused layers against the plain LibTorch forms: outputs and gradients in float32.

LayerConfig filters(const std::string& name, int64_t count, std::array<int64_t, 2> kernel,
                    Activation activation = Activation::kRelu, Padding padding = Padding::kValid) {
  LayerConfig config = conv2d(name, count, 1);
  config.kernel = kernel;
  config.activation = activation;
  config.padding = padding;
  return config;
}

LayerConfig with_stride(LayerConfig config, std::array<int64_t, 2> stride) {
  config.stride = stride;
  return config;
}

LayerConfig sequence_filters(const std::string& name, int64_t count, int64_t kernel,
                             Padding padding = Padding::kValid) {
  LayerConfig config = conv1d(name, count, kernel);
  config.activation = Activation::kRelu;
  config.padding = padding;
  return config;
}

/// A model on images or sequences with the names of the layers that it consists of once fused.
struct FusedCase {
  Layers layers;
  std::vector<int64_t> input;  // channels, height, width; features, length
  std::vector<std::string> fused;
  int64_t batch = 19;
};

const std::map<std::string, FusedCase>& fused_cases() {
  using enum Activation;
  const LayerConfig pool = max_pool2d("S", 2, 2);
  const Padding same = Padding::kSame;
  static const std::map<std::string, FusedCase> cases{
      {"Pooled", {{filters("A", 7, {9, 9}), pool}, {3, 20, 18}, {"S"}}},
      {"OddLinesAreDropped", {{filters("A", 6, {3, 2}), pool}, {2, 9, 12}, {"S"}}},
      {"LinearPooled", {{filters("A", 4, {3, 3}, kNone), pool}, {3, 8, 8}, {"S"}}},
      {"SamePooled", {{filters("A", 5, {5, 4}, kRelu, same), pool}, {3, 7, 10}, {"S"}}},
      {"Two",
       {{filters("A", 18, {5, 5}), pool, filters("B", 21, {3, 3}), max_pool2d("T", 2, 2)},
        {3, 16, 16},
        {"S", "T"}}},
      {"ManyBlocks", {{filters("A", 3, {3, 3}), pool}, {1, 6, 6}, {"S"}, 300}},
      {"TanhBeforePool", {{filters("A", 4, {3, 3}, kTanh), pool}, {3, 8, 8}, {"A", "S"}}},
      {"Strided", {{with_stride(filters("A", 4, {3, 3}), {2, 1}), pool}, {3, 9, 9}, {"A", "S"}}},
      {"OtherPool", {{filters("A", 4, {3, 3}), max_pool2d("S", 3, 2)}, {3, 9, 9}, {"A", "S"}}},
      {"SamePool", {{filters("A", 4, {2, 2}), max_pool2d("S", 2, 2, same)}, {3, 8, 8}, {"A", "S"}}},
      {"Sequence",
       {{sequence_filters("A", 10, 9), max_pool1d("S", 4, 2, same), sequence_filters("B", 18, 5)},
        {7, 40},
        {"A", "S", "B"}}},
      {"SameSequence", {{sequence_filters("A", 5, 4, same)}, {6, 11}, {"A"}}},
      {"InsideResidual",
       {{residual("R", {sequence_filters("A", 7, 3, same)})}, {7, 12}, {"A", "R"}}},
  };
  return cases;
}

/// One forward and backward pass.
struct Pass {
  at::Tensor output;
  std::vector<at::Tensor> gradients;  // of the input and of every parameter
  std::vector<at::Tensor> places;     // where those of parameters were wanted
  std::vector<std::string> layers;    // as they were observed
};

enum class Places { kNone, kGiven };

Pass run_pass(const FusedCase& c, Kernels kernels, Places places = Places::kNone) {
  const ModelPlan plan = [&] {
    ModelPlan result;
    const ShapeKind kind = c.input.size() == 3 ? ShapeKind::kImage : ShapeKind::kSequence;
    result.input = {{kind, c.input}, 0, std::nullopt, 0};
    plan_layers(c.layers, result.input.shape, {result.input, InitScheme::kKeras, fail_on_problem},
                result.layers);
    return result;
  }();
  TensorBank weights(plan.all_parameters(), at::kCPU);
  for (const Tensor& tensor : some_weights(plan)) weights.load(tensor.name, tensor);
  std::vector<int64_t> shape = c.input;
  shape.insert(shape.begin(), c.batch);
  at::manual_seed(3);
  std::vector<at::Tensor> wanted{at::rand(shape).set_requires_grad(true)};
  for (const ParameterSpec& spec : weights.specs())
    wanted.push_back(weights[spec.name].set_requires_grad(true));

  Pass pass;
  if (places == Places::kGiven) {
    for (size_t i = 1; i < wanted.size(); ++i) {
      pass.places.push_back(at::full_like(wanted[i].detach(), std::nan("")));
      wanted[i].mutable_grad() = pass.places.back();
    }
  }
  Context context;
  context.training = true;
  context.observe = [&](const std::string& layer, const at::Tensor&) {
    pass.layers.push_back(layer);
  };
  const Network network(plan.layers, {weights, kernels});  // outlives its backward pass
  pass.output = network.forward(wanted[0], context);
  pass.gradients =
      torch::autograd::grad({(pass.output * at::rand_like(pass.output)).sum()}, wanted);
  return pass;
}

class FusedTestConvs : public ::testing::TestWithParam<std::string> {};

TEST_P(FusedTestConvs, AgreesWithThePlainForm) {
  const FusedCase& c = fused_cases().at(GetParam());
  const Pass fused = run_pass(c, Kernels::kAuto), plain = run_pass(c, Kernels::kReference);
  EXPECT_EQ(fused.layers, c.fused);
  EXPECT_LT(error_of(fused.output, plain.output), 3e-6);
  ASSERT_EQ(fused.gradients.size(), plain.gradients.size());
  for (size_t i = 0; i < plain.gradients.size(); ++i)
    EXPECT_LT(error_of(fused.gradients[i], plain.gradients[i]), 1e-5) << "gradient " << i;
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& [name, c] : fused_cases()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Cases, FusedTestConvs, ::testing::ValuesIn(case_names()),
                         [](const auto& tested) { return tested.param; });

TEST(FusedTestPlaces, GradientsAreWrittenWhereTheyAreWanted) {
  for (const char* name : {"Two", "Sequence"}) {
    const FusedCase& c = fused_cases().at(name);
    const Pass placed = run_pass(c, Kernels::kAuto, Places::kGiven);
    const Pass plain = run_pass(c, Kernels::kAuto);
    ASSERT_EQ(placed.places.size() + 1, placed.gradients.size());
    for (size_t i = 0; i < placed.places.size(); ++i) {
      EXPECT_EQ(placed.gradients[i + 1].data_ptr(), placed.places[i].data_ptr()) << name << i;
      EXPECT_TRUE(at::equal(placed.places[i], plain.gradients[i + 1])) << name << i;
    }
  }
}

TEST(FusedTestThreads, ShareTheWork) {
  const int threads = at::get_num_threads();
  at::set_num_threads(2);
  std::array<std::thread::id, 2> workers;
  parallel_pieces(2,
                  [&](int64_t i) { workers[static_cast<size_t>(i)] = std::this_thread::get_id(); });
  at::set_num_threads(threads);
  EXPECT_NE(workers[0], workers[1]);
}

TEST(FusedTestThreads, DoNotChangeABit) {
  const int threads = at::get_num_threads();
  for (const char* name : {"Two", "ManyBlocks", "Sequence", "SameSequence"}) {
    const FusedCase& c = fused_cases().at(name);
    at::set_num_threads(1);
    const Pass one = run_pass(c, Kernels::kAuto);
    at::set_num_threads(3);
    const Pass three = run_pass(c, Kernels::kAuto);
    EXPECT_TRUE(at::equal(one.output, three.output)) << name;
    for (size_t i = 0; i < one.gradients.size(); ++i)
      EXPECT_TRUE(at::equal(one.gradients[i], three.gradients[i])) << name << ", gradient " << i;
  }
  at::set_num_threads(threads);
}

/// A forward pass without gradients, as evaluation runs it, gives the bits of the training one.
TEST(FusedTestInference, GivesTheSameBits) {
  const FusedCase& c = fused_cases().at("Two");
  const at::Tensor trained = run_pass(c, Kernels::kAuto).output;
  const ModelPlan plan = plan_of({c.layers[0], c.layers[1], c.layers[2], c.layers[3], flatten()},
                                 {{ShapeKind::kImage, c.input}, 2, std::nullopt, 0});
  TensorBank weights(plan.all_parameters(), at::kCPU);
  for (const Tensor& tensor : some_weights(plan)) weights.load(tensor.name, tensor);
  const at::NoGradGuard no_grad;
  at::manual_seed(3);
  const at::Tensor x = at::rand({c.batch, c.input[0], c.input[1], c.input[2]});
  const at::Tensor y = Network(plan.layers, {weights, Kernels::kAuto}).forward(x, {});
  EXPECT_TRUE(at::equal(y, trained.flatten(1)));
}

}  // namespace
}  // namespace nnrun
