#include "nnrun/plan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "config/layer_builders.h"

namespace nnrun {
namespace {

using namespace testing;

constexpr int64_t kReportWords = 35287;
const InputSpec kCifar = input_from_config(DataConfig{});

InputSpec text(std::optional<int64_t> vocabulary) {
  return {{ShapeKind::kIds, {100}}, /*classes=*/15, vocabulary, /*buckets=*/0};
}

ModelPlan plan_of(std::vector<LayerConfig> layers, const InputSpec& input,
                  InitScheme init = InitScheme::kKeras) {
  return plan_model(model(std::move(layers), init), input,
                    [](const std::string& pointer, const std::string& message) {
                      ADD_FAILURE() << pointer << ": " << message;
                    });
}

std::vector<std::string> shapes(const ModelPlan& plan) {
  std::vector<std::string> texts;
  for (const LayerPlan& layer : plan.layers) texts.push_back(to_text(layer.out));
  return texts;
}

std::vector<LayerConfig> part_a(int64_t c1, int64_t c2) {
  return {conv2d("C1", c1, 9), max_pool2d("S1", 2, 2), conv2d("C2", c2, 5), max_pool2d("S2", 2, 2),
          flatten(),           dense("F3", 300),       dense("F4", 10)};
}

std::vector<LayerConfig> recurrent_net(LayerConfig first, std::vector<LayerConfig> cells) {
  std::vector<LayerConfig> layers{std::move(first)};
  layers.insert(layers.end(), cells.begin(), cells.end());
  layers.push_back(dense("F", 15));
  return layers;
}

using Names = std::vector<std::string>;

TEST(PlanTest, PartAHasTheReportsShapesAndParameters) {
  const ModelPlan plan = plan_of(part_a(50, 60), kCifar);
  EXPECT_EQ(shapes(plan), (Names{"50x24x24", "50x12x12", "60x8x8", "60x4x4", "960", "300", "10"}));
  EXPECT_EQ(plan.parameters, 378570);
  EXPECT_EQ(plan_of(part_a(90, 40), kCifar).parameters, 307310);
  EXPECT_EQ(plan_of(part_a(10, 20), kCifar).parameters, 106770);
  EXPECT_EQ(plan_of(part_a(90, 100), kCifar).parameters, 730370);
}

TEST(PlanTest, MultiplyAddsOfPartA) {
  const ModelPlan plan = plan_of(part_a(50, 60), kCifar);
  EXPECT_EQ(plan.layers[0].multiply_adds, 24 * 24 * 50 * 3 * 81);
  EXPECT_EQ(plan.layers[2].multiply_adds, 8 * 8 * 60 * 50 * 25);
  EXPECT_EQ(plan.layers[5].multiply_adds, 960 * 300);
  EXPECT_EQ(plan.multiply_adds, 6998400 + 4800000 + 288000 + 3000);
}

TEST(PlanTest, CharCnnPoolsLikeTheReport) {
  const ModelPlan plan = plan_of(
      {one_hot("hot", 256), conv1d("C1", 10, 20), max_pool1d("S1", 4, 2, Padding::kSame),
       conv1d("C2", 10, 20), max_pool1d("S2", 4, 2, Padding::kSame), flatten(), dense("F", 15)},
      text(65));
  EXPECT_EQ(shapes(plan), (Names{"256x100", "10x81", "10x41", "10x22", "10x11", "110", "15"}));
  EXPECT_EQ(plan.parameters, 54885);
  EXPECT_EQ(plan.layers[2].pad[0], (std::array<int64_t, 2>{1, 2}));
  EXPECT_EQ(plan.layers[4].pad[0], (std::array<int64_t, 2>{1, 1}));
}

TEST(PlanTest, WordCnnThatPoolsOverFilters) {
  const ModelPlan plan =
      plan_of({embedding("E", 20), conv1d("C1", 10, 20), reshape("V1", {1, 10, 81}),
               max_pool2d("S1", 4, 2, Padding::kSame), reshape("V2", {5, 41}), conv1d("C2", 10, 20),
               reshape("V3", {1, 10, 22}), max_pool2d("S2", 4, 2, Padding::kSame), flatten(),
               dense("F", 15)},
              text(kReportWords));
  EXPECT_EQ(shapes(plan), (Names{"20x100", "10x81", "1x10x81", "1x5x41", "5x41", "10x22", "1x10x22",
                                 "1x5x11", "55", "15"}));
  EXPECT_EQ(plan.parameters, 711600);
}

TEST(PlanTest, RecurrentNetsHaveTheReportsParameters) {
  const LayerConfig hot = one_hot("hot", 256), words = embedding("E", 50);
  const LayerConfig gru = recurrent("R", LayerType::kGru, 20),
                    lstm = recurrent("R", LayerType::kLstm, 20);
  const LayerConfig rnn = recurrent("R", LayerType::kRnn, 20);
  const LayerConfig lower = recurrent("R0", LayerType::kGru, 20, Return::kSequence);

  EXPECT_EQ(plan_of(recurrent_net(hot, {gru}), text(65)).parameters, 16995);
  EXPECT_EQ(plan_of(recurrent_net(hot, {lower, gru}), text(65)).parameters, 19515);
  EXPECT_EQ(plan_of(recurrent_net(hot, {rnn}), text(65)).parameters, 5855);
  EXPECT_EQ(plan_of(recurrent_net(hot, {lstm}), text(65)).parameters, 22475);
  EXPECT_EQ(plan_of(recurrent_net(words, {gru}), text(kReportWords)).parameters, 1768985);
  EXPECT_EQ(plan_of(recurrent_net(words, {lstm}), text(kReportWords)).parameters, 1770345);
  EXPECT_EQ(plan_of(recurrent_net(words, {lower, gru}), text(kReportWords)).parameters, 1771505);
  EXPECT_EQ(plan_of(recurrent_net(words, {rnn}), text(kReportWords)).parameters, 1766085);
}

TEST(PlanTest, BagTableHoldsVocabularyAndBuckets) {
  InputSpec input = text(1000);
  input.buckets = 200000;
  const ModelPlan plan =
      plan_of({with_units("B", LayerType::kEmbeddingBag, 10), dense("F", 15)}, input);
  EXPECT_EQ(shapes(plan), (Names{"10", "15"}));
  EXPECT_EQ(plan.parameters, 201000 * 10 + 10 * 15 + 15);
}

TEST(PlanTest, UnknownVocabularyCountsAsNoRows) {
  const ModelPlan plan =
      plan_of(recurrent_net(embedding("E", 50), {recurrent("R", LayerType::kGru, 20)}), text({}));
  EXPECT_EQ(plan.parameters, 4320 + 315);
}

TEST(PlanTest, ResidualHoldsItsLayersAndKeepsTheShape) {
  LayerConfig same = conv2d("C", 3, 3);
  same.padding = Padding::kSame;
  LayerConfig norm = layer("N", LayerType::kBatchNorm);
  const ModelPlan plan = plan_of(
      {residual("X", {same, norm}), layer("G", LayerType::kGlobalAvgPool), dense("F", 10)}, kCifar);
  EXPECT_EQ(shapes(plan), (Names{"3x32x32", "3", "10"}));
  EXPECT_EQ(plan.layers[0].trainable(), 3 * 27 + 3 + 6);
  EXPECT_EQ(plan.parameters, 90 + 40);
  EXPECT_EQ(plan.layers[0].multiply_adds, 81 * 1024 + 3 * 1024);
  Names names;
  for (const ParameterSpec& parameter : plan.all_parameters()) names.push_back(parameter.name);
  EXPECT_EQ(names, (Names{"C.weight", "C.bias", "N.weight", "N.bias", "N.running_mean",
                          "N.running_var", "F.weight", "F.bias"}));
}

TEST(PlanTest, NamesAndLayoutsOfRecurrentWeights) {
  LayerConfig gru = recurrent("R", LayerType::kGru, 20);
  gru.bidirectional = true;
  const ModelPlan plan = plan_of({one_hot("hot", 65), gru}, text(65));
  Names found;
  for (const ParameterSpec& parameter : plan.all_parameters()) {
    found.push_back(parameter.name + " " + to_text(Shape{ShapeKind::kVector, parameter.shape}));
  }
  EXPECT_EQ(found, (Names{"R.weight_ih 60x65", "R.weight_hh 60x20", "R.bias_ih 60", "R.bias_hh 60",
                          "R.weight_ih_reverse 60x65", "R.weight_hh_reverse 60x20",
                          "R.bias_ih_reverse 60", "R.bias_hh_reverse 60"}));
}

/// Bound of a parameter as the plan gives it; fails when there is none of this name.
double bound_of(const ModelPlan& plan, const std::string& name) {
  for (const ParameterSpec& parameter : plan.all_parameters()) {
    if (parameter.name == name) return parameter.bound;
  }
  ADD_FAILURE() << "no parameter " << name;
  return 0;
}

// The Glorot limits of the report, section 6.
TEST(PlanTest, GlorotLimitsCountReceptiveFieldAndGates) {
  const ModelPlan images = plan_of(part_a(50, 60), kCifar);
  EXPECT_NEAR(bound_of(images, "C1.weight"), 0.0374, 5e-5);
  EXPECT_NEAR(bound_of(images, "C2.weight"), 0.0467, 5e-5);
  EXPECT_NEAR(bound_of(images, "F3.weight"), 0.0690, 5e-5);
  EXPECT_NEAR(bound_of(images, "F4.weight"), 0.1391, 5e-5);
  const auto input_limit = [](LayerType type) {
    return bound_of(
        plan_of(recurrent_net(one_hot("hot", 256), {recurrent("R", type, 20)}), text(65)),
        "R.weight_ih");
  };
  EXPECT_NEAR(input_limit(LayerType::kGru), 0.1378, 5e-5);
  EXPECT_NEAR(input_limit(LayerType::kLstm), 0.1336, 5e-5);
  EXPECT_NEAR(input_limit(LayerType::kRnn), 0.1474, 5e-5);
  EXPECT_EQ(
      bound_of(plan_of({embedding("E", 20), flatten(), dense("F", 15)}, text(10)), "E.weight"),
      0.05);
}

TEST(PlanTest, TorchBoundsAreOneOverTheRootOfTheFan) {
  const ModelPlan images = plan_of(part_a(50, 60), kCifar, InitScheme::kTorch);
  EXPECT_DOUBLE_EQ(bound_of(images, "C1.weight"), 1 / std::sqrt(243.0));
  EXPECT_DOUBLE_EQ(bound_of(images, "C1.bias"), 1 / std::sqrt(243.0));
  EXPECT_DOUBLE_EQ(bound_of(images, "F4.bias"), 1 / std::sqrt(300.0));
  const ModelPlan words =
      plan_of(recurrent_net(embedding("E", 50), {recurrent("R", LayerType::kLstm, 20)}), text(10),
              InitScheme::kTorch);
  for (const std::string name : {"R.weight_ih", "R.weight_hh", "R.bias"}) {
    EXPECT_DOUBLE_EQ(bound_of(words, name), 1 / std::sqrt(20.0)) << name;
  }
  EXPECT_EQ(words.layers[0].parameters[0].init, InitKind::kNormal);
}

TEST(PlanTest, InputFollowsFromTheDataConfig) {
  DataConfig data;
  EXPECT_EQ(to_text(input_from_config(data).shape), "3x32x32");
  data.type = DataType::kImageFolder;
  data.size = {40, 50};
  EXPECT_EQ(to_text(input_from_config(data).shape), "3x40x50");
  EXPECT_EQ(input_from_config(data).classes, 0);
  data.type = DataType::kTextCsv;
  data.classes = 15;
  EXPECT_EQ(to_text(input_from_config(data).shape), "ids 100");
  EXPECT_EQ(input_from_config(data).buckets, 0);
  data.char_ngrams = {2, 5};
  EXPECT_EQ(input_from_config(data).buckets, 200000);
  EXPECT_EQ(input_from_config(data).vocabulary, std::nullopt);
}

TEST(PlanTest, ElementsStopAtTheLargestInteger) {
  constexpr int64_t kHuge = std::numeric_limits<int32_t>::max();
  const Shape shape{ShapeKind::kImage, {kHuge, kHuge, kHuge}};
  EXPECT_EQ(shape.elements(), std::numeric_limits<int64_t>::max());
}

}  // namespace
}  // namespace nnrun
