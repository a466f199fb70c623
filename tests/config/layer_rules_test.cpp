#include "config/layer_rules.h"

#include <gtest/gtest.h>

#include "config/layer_builders.h"

namespace nnrun {
namespace {

using namespace testing;

struct Case {
  std::string name;
  Shape in;
  LayerConfig layer;
  std::string out;
  int64_t parameters;
};

const Shape kImage{ShapeKind::kImage, {5, 17, 23}};
const Shape kSequence{ShapeKind::kSequence, {6, 19}};
const Shape kVector{ShapeKind::kVector, {12}};

LayerConfig window(LayerConfig layer, std::array<int64_t, 2> size, std::array<int64_t, 2> stride,
                   Padding padding) {
  layer.kernel = layer.size = size;
  layer.stride = stride;
  layer.padding = padding;
  return layer;
}
LayerConfig bidirectional(LayerConfig layer) {
  layer.bidirectional = true;
  return layer;
}
LayerConfig reset_before(LayerConfig layer) {
  layer.reset_after = false;
  return layer;
}

// Output shapes and trainable parameters by Keras: tests/reference/make_plan_reference.py.
std::vector<Case> keras_cases() {
  constexpr Padding kValid = Padding::kValid, kSame = Padding::kSame;
  const LayerConfig conv_2d = conv2d("L", 7, 1), conv_1d = conv1d("L", 7, 1);
  const LayerConfig pool_2d = max_pool2d("L", 1, 1), pool_1d = max_pool1d("L", 1, 1);
  const LayerConfig average = layer("L", LayerType::kAvgPool2d);
  const LayerConfig gru = recurrent("L", LayerType::kGru, 8);
  const LayerConfig gru_sequence = recurrent("L", LayerType::kGru, 8, Return::kSequence);
  const LayerConfig lstm = recurrent("L", LayerType::kLstm, 8);
  return {
      {"conv2d valid", kImage, window(conv_2d, {4, 3}, {2, 3}, kValid), "7x7x7", 427},
      {"conv2d same", kImage, window(conv_2d, {4, 3}, {1, 1}, kSame), "7x17x23", 427},
      {"conv2d same, taller than the image", kImage, window(conv_2d, {25, 3}, {3, 1}, kSame),
       "7x6x23", 2632},
      {"conv1d valid", kSequence, window(conv_1d, {4, 4}, {3, 3}, kValid), "7x6", 175},
      {"conv1d same", kSequence, window(conv_1d, {4, 4}, {3, 3}, kSame), "7x7", 175},
      {"max_pool2d valid", kImage, window(pool_2d, {3, 2}, {2, 4}, kValid), "5x8x6", 0},
      {"max_pool2d same", kImage, window(pool_2d, {3, 2}, {2, 4}, kSame), "5x9x6", 0},
      {"avg_pool2d same", kImage, window(average, {2, 5}, {3, 2}, kSame), "5x6x12", 0},
      {"max_pool1d same", kSequence, window(pool_1d, {4, 4}, {2, 2}, kSame), "6x10", 0},
      {"global_avg_pool image", kImage, layer("L", LayerType::kGlobalAvgPool), "5", 0},
      {"global_max_pool sequence", kSequence, layer("L", LayerType::kGlobalMaxPool), "6", 0},
      {"flatten", kImage, layer("L", LayerType::kFlatten), "1955", 0},
      {"dense", kVector, dense("L", 8), "8", 104},
      {"rnn", kSequence, recurrent("L", LayerType::kRnn, 8), "8", 120},
      {"gru sequence", kSequence, gru_sequence, "8x19", 384},
      {"gru reset before", kSequence, reset_before(gru), "8", 360},
      {"lstm", kSequence, lstm, "8", 480},
      {"gru both ways", kSequence, bidirectional(gru_sequence), "16x19", 768},
      {"lstm both ways", kSequence, bidirectional(lstm), "16", 960},
      {"batch_norm image", kImage, layer("L", LayerType::kBatchNorm), "5x17x23", 10},
      {"batch_norm sequence", kSequence, layer("L", LayerType::kBatchNorm), "6x19", 12},
      {"layer_norm image", kImage, layer("L", LayerType::kLayerNorm), "5x17x23", 10},
      {"layer_norm vector", kVector, layer("L", LayerType::kLayerNorm), "12", 24},
  };
}

LayerPlan plan_alone(const LayerConfig& config, const Shape& in) {
  const InputSpec input{in, /*classes=*/2, /*vocabulary=*/{}, /*buckets=*/0};
  const PlanProblem none = [](const std::string&, const std::string& message) {
    ADD_FAILURE() << message;
  };
  std::vector<LayerPlan> plans;
  plan_layers({config}, in, {input, InitScheme::kKeras, none}, plans);
  return plans.front();
}

TEST(LayerRulesTest, ShapesAndParametersEqualKeras) {
  for (const Case& expected : keras_cases()) {
    SCOPED_TRACE(expected.name);
    const LayerPlan plan = plan_alone(expected.layer, expected.in);
    EXPECT_EQ(to_text(plan.out), expected.out);
    EXPECT_EQ(plan.trainable(), expected.parameters);
  }
}

TEST(LayerRulesTest, DropoutAndActivationKeepEveryShape) {
  for (const LayerType type : {LayerType::kDropout, LayerType::kActivation}) {
    for (const Shape& in : {kImage, kSequence, kVector}) {
      const LayerPlan plan = plan_alone(layer("L", type), in);
      EXPECT_EQ(plan.out.kind, in.kind);
      EXPECT_EQ(plan.out.dims, in.dims);
    }
  }
}

TEST(LayerRulesTest, RecurrentWorkPerExample) {
  // 19 steps, 4 gates of 8 units, each from 6 features and 8 states; two directions.
  EXPECT_EQ(plan_alone(bidirectional(recurrent("L", LayerType::kLstm, 8)), kSequence).multiply_adds,
            2 * 19 * 4 * 8 * (6 + 8));
}

TEST(LayerRulesTest, ExtraCellOfSamePaddingComesLast) {
  struct {
    int64_t size, kernel, stride, cells;
    std::array<int64_t, 2> pad;
  } cases[] = {
      {81, 4, 2, 41, {1, 2}}, {22, 4, 2, 11, {1, 1}},
      {1, 4, 2, 1, {1, 2}},  // reference nets of the 2020 report
      {5, 2, 3, 2, {0, 0}},   {7, 1, 1, 7, {0, 0}},
      {4, 9, 1, 4, {4, 4}},
  };
  for (const auto& expected : cases) {
    std::array<int64_t, 2> pad{};
    EXPECT_EQ(window_cells(expected.size, expected.kernel, expected.stride, Padding::kSame, &pad),
              expected.cells);
    EXPECT_EQ(pad, expected.pad) << expected.size << " " << expected.kernel << " "
                                 << expected.stride;
  }
}

TEST(LayerRulesTest, ValidWindowsMustFit) {
  std::array<int64_t, 2> pad{};
  EXPECT_EQ(window_cells(9, 9, 4, Padding::kValid, &pad), 1);
  EXPECT_LT(window_cells(9, 10, 1, Padding::kValid, &pad), 1);
}

}  // namespace
}  // namespace nnrun
