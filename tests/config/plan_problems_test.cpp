#include <gtest/gtest.h>

#include <limits>

#include "config/config_files.h"
#include "config/layer_builders.h"
#include "nnrun/plan.h"

namespace nnrun {
namespace {

using namespace testing;

constexpr int64_t kHuge = std::numeric_limits<int32_t>::max();
const Shape kCifarShape{ShapeKind::kImage, {3, 32, 32}};

InputSpec images() { return {kCifarShape, /*classes=*/10, /*vocabulary=*/{}, /*buckets=*/0}; }
InputSpec text(int64_t buckets = 0) {
  return {{ShapeKind::kIds, {100}}, /*classes=*/15, /*vocabulary=*/65, buckets};
}

/// All problems as "pointer: message", one per line.
std::string problems(std::vector<LayerConfig> layers, const InputSpec& input) {
  std::string found;
  plan_model(model(std::move(layers)), input,
             [&found](const std::string& pointer, const std::string& message) {
               found += (found.empty() ? "" : "\n") + pointer + ": " + message;
             });
  return found;
}

LayerConfig masked(LayerConfig layer) {
  layer.mask_padding = true;
  return layer;
}

const LayerConfig kGru = recurrent("R", LayerType::kGru, 20);

struct Case {
  std::vector<LayerConfig> layers;
  InputSpec input;
  std::string expected;
};

TEST(PlanProblemsTest, AModelNeedsWeights) {
  EXPECT_EQ(problems({flatten()}, images()), "/model/layers: no layer has weights to train");
}

TEST(PlanProblemsTest, ATableOfAnUnknownVocabularyIsTrained) {
  InputSpec input = text();
  input.vocabulary.reset();
  EXPECT_EQ(problems({with_units("B", LayerType::kEmbeddingBag, 15)}, input), "");
  EXPECT_EQ(problems({embedding("E", 15), layer("G", LayerType::kGlobalAvgPool)}, input), "");
  EXPECT_EQ(problems({residual("R", {conv2d("C", 3, 1)}), layer("G", LayerType::kGlobalAvgPool)},
                     {kCifarShape, /*classes=*/3, /*vocabulary=*/{}, /*buckets=*/0}),
            "");
}

TEST(PlanProblemsTest, WrongKindNamesTheMissingLayer) {
  const std::vector<Case> cases{
      {{conv2d("C", 90, 9), dense("F", 10)},
       images(),
       "/model/layers/1: dense takes vectors only: put a flatten before it (got 90x24x24)"},
      {{dense("F", 10)},
       text(),
       "/model/layers/0: dense takes vectors only: put an embedding and a flatten before it (got "
       "ids 100)"},
      {{kGru},
       text(),
       "/model/layers/0: gru takes sequences only: put an embedding or a one_hot before it (got "
       "ids 100)"},
      {{kGru},
       images(),
       "/model/layers/0: gru takes sequences only: put a reshape before it (got 3x32x32)"},
      {{embedding("E", 5), conv2d("C", 4, 3)},
       text(),
       "/model/layers/1: conv2d takes images only: put a reshape before it (got 5x100)"},
      {{embedding("E", 5)},
       images(),
       "/model/layers/0: embedding takes token ids only: it can only be the first layer of a text "
       "model (got 3x32x32)"},
      {{flatten(), layer("G", LayerType::kGlobalAvgPool)},
       images(),
       "/model/layers/1: global_avg_pool takes images or sequences only: put a reshape before it "
       "(got 3072)"},
      {{layer("D", LayerType::kDropout)},
       text(),
       "/model/layers/0: dropout takes images, sequences or vectors only: put an embedding or a "
       "one_hot before it (got "
       "ids 100)"},
      {{flatten(), kGru},
       images(),
       "/model/layers/1: gru takes sequences only: put a reshape before it (got 3072)"},
  };
  for (const Case& c : cases) EXPECT_EQ(problems(c.layers, c.input), c.expected);
}

TEST(PlanProblemsTest, RecurrentAfterReturnLastNamesTheLayerToChange) {
  const LayerConfig second = recurrent("R2", LayerType::kLstm, 20);
  const std::string expected =
      ": lstm takes sequences only: set \"return\" of R to \"sequence\" (got 20)";
  EXPECT_EQ(problems({embedding("E", 5), kGru, second}, text()), "/model/layers/2" + expected);
  EXPECT_EQ(problems({embedding("E", 5), kGru, layer("D", LayerType::kDropout), second}, text()),
            "/model/layers/3" + expected);
}

TEST(PlanProblemsTest, WindowLargerThanTheInput) {
  EXPECT_EQ(problems({conv2d("C", 4, 40)}, images()),
            "/model/layers/0/kernel: the window is larger than the input 3x32x32 (got 40, expected "
            "at most 32)");
  EXPECT_EQ(problems({max_pool2d("S", 33, 2)}, images()),
            "/model/layers/0/size: the window is larger than the input 3x32x32 (got 33, expected "
            "at most 32)");
  EXPECT_EQ(problems({embedding("E", 5), conv1d("C", 4, 101)}, text()),
            "/model/layers/1/kernel: the window is larger than the input 5x100 (got 101, expected "
            "at most 100)");
}

TEST(PlanProblemsTest, LastLayerMustGiveLogits) {
  EXPECT_EQ(problems({flatten(), dense("F", 9)}, images()),
            "/model/layers/1/units: the last layer is narrower than the classes (got 9, expected "
            "at least 10)");
  EXPECT_EQ(problems({embedding("E", 15), recurrent("R", LayerType::kGru, 20, Return::kSequence)},
                     text()),
            "/model/layers/1/return: the last layer must give one vector of logits: set \"return\" "
            "to \"last\" (got "
            "20x100)");
  EXPECT_EQ(problems({conv2d("C", 10, 9)}, images()),
            "/model/layers/0: the last layer must give one vector of logits: put a flatten and a "
            "dense after it (got "
            "10x24x24)");
  EXPECT_EQ(
      problems({layer("G", LayerType::kGlobalMaxPool)}, images()),
      "/model/layers/0: the last layer is narrower than the classes (got 3, expected at least 10)");
}

TEST(PlanProblemsTest, WiderThanTheClassesIsFine) {
  EXPECT_EQ(problems({flatten(), dense("F", 11)}, images()), "");
  EXPECT_EQ(problems({flatten(), dense("F", 1)}, {kCifarShape, /*classes=*/0, {}, 0}), "");
}

TEST(PlanProblemsTest, SeveralProblemsInOneGo) {
  EXPECT_EQ(problems({one_hot("H", 64), kGru, dense("F", 14)}, text()),
            "/model/layers/0/depth: one_hot is narrower than the vocabulary (got 64, expected at "
            "least 65)\n"
            "/model/layers/2/units: the last layer is narrower than the classes (got 14, expected "
            "at least 15)");
}

TEST(PlanProblemsTest, ReshapeMustKeepTheElements) {
  EXPECT_EQ(problems({reshape("V", {3, 1000})}, images()),
            "/model/layers/0/shape: 3x32x32 cannot become 3x1000: the number of elements differs "
            "(got 3000, expected "
            "3072)");
  EXPECT_EQ(problems({reshape("V", {3, 4, 8, 32})}, images()),
            "/model/layers/0/shape: wrong number of sizes (got 4, expected 1 to 3)");
  EXPECT_EQ(problems({reshape("V", {kHuge, kHuge, kHuge})}, images()),
            "/model/layers/0/shape: 3x32x32 cannot become 2147483647x2147483647x2147483647: the "
            "number of elements "
            "differs (got 9223372036854775807, expected 3072)");
}

TEST(PlanProblemsTest, ResidualMustKeepTheShape) {
  EXPECT_EQ(problems({residual("X", {conv2d("C", 3, 3)})}, images()),
            "/model/layers/0: the layers of a residual must keep the shape (got 3x30x30, expected "
            "3x32x32)");
  EXPECT_EQ(problems({residual("X", {conv2d("C", 3, 40)})}, images()),
            "/model/layers/0/layers/0/kernel: the window is larger than the input 3x32x32 (got 40, "
            "expected at most "
            "32)");
}

TEST(PlanProblemsTest, SizesAbove2To40BytesAreRefused) {
  EXPECT_EQ(problems({flatten(), dense("F", kHuge)}, images()),
            "/model/layers/1: the weights of this layer exceed 2^40 bytes (got 26396868988924, "
            "expected at most 1099511627776)");
  EXPECT_EQ(problems({embedding("E", kHuge), flatten(), dense("F", 15)},
                     {{ShapeKind::kIds, {1000}}, 15, {}, 0}),
            "/model/layers/0: the output of this layer exceeds 2^40 bytes (got 8589934588000, "
            "expected at most 1099511627776)");
  EXPECT_EQ(
      problems({conv2d("C", kHuge, kHuge)}, {{ShapeKind::kImage, {kHuge, kHuge, kHuge}}, 2, {}, 0}),
      "/model/layers/0: the input of this layer exceeds 2^40 bytes (got 9223372036854775807, "
      "expected at most 1099511627776)");
  LayerConfig same = conv2d("C", kHuge, kHuge);
  same.padding = Padding::kSame;
  EXPECT_EQ(problems({same}, images()),
            "/model/layers/0: the weights of this layer exceed 2^40 bytes (got "
            "9223372036854775807, expected at most 1099511627776)");
}

TEST(PlanProblemsTest, IdsOfABagFitInto32Bits) {
  const LayerConfig bag = with_units("B", LayerType::kEmbeddingBag, 20);  // 65 ids are words
  EXPECT_EQ(problems({bag}, text(/*buckets=*/2147483582)), "");
  EXPECT_EQ(problems({bag}, text(/*buckets=*/2147483583)),
            "/model/layers/0: too many ids: the vocabulary and \"ngram_buckets\" of the data "
            "together (got 2147483648, expected at most 2147483647)");
}

TEST(PlanProblemsTest, NgramsNeedABag) {
  EXPECT_EQ(
      problems({embedding("E", 5), kGru}, text(/*buckets=*/1000)),
      "/model/layers/0: embedding cannot take the n-grams of the data: only embedding_bag can");
  EXPECT_EQ(problems({with_units("B", LayerType::kEmbeddingBag, 20)}, text(/*buckets=*/1000)), "");
}

TEST(PlanProblemsTest, MaskNeedsTheTokensPositions) {
  EXPECT_EQ(problems({embedding("E", 5), conv1d("C", 4, 20), masked(kGru)}, text()),
            "/model/layers/2/mask_padding: masking needs one step per token (got 81, expected 100 "
            "steps)");
  EXPECT_EQ(problems({reshape("V", {32, 96}), masked(kGru)}, images()),
            "/model/layers/1/mask_padding: only text data has padding to mask");
  EXPECT_EQ(problems({embedding("E", 5), masked(kGru)}, text()), "");
}

TEST(PlanProblemsTest, ExperimentsGetPositions) {
  const ConfigFiles files;
  files.write("a.json", R"({
  "data": {"type": "cifar10"},
  "model": {"layers": [
    {"name": "C", "type": "conv2d", "filters": 4, "kernel": [9, 40]}
  ]},
  "optimizer": {"type": "sgd"}
})");
  const Experiment experiment = files.load("a.json");
  try {
    plan_experiment(experiment, input_from_config(experiment.config.data));
    FAIL() << "no error";
  } catch (const ConfigError& error) {
    ASSERT_EQ(error.problems().size(), 1U);
    const Problem& problem = error.problems()[0];
    EXPECT_EQ(problem.pointer, "/model/layers/0/kernel");
    EXPECT_EQ(problem.line, 4);
    EXPECT_EQ(problem.column, 61);
    EXPECT_EQ(problem.message,
              "the window is larger than the input 3x32x32 (got 40, expected at most 32)");
  }
}

}  // namespace
}  // namespace nnrun
