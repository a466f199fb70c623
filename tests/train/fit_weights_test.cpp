#include <gtest/gtest.h>

#include "config/config_files.h"
#include "nnrun/train.h"

namespace nnrun {
namespace {

/// A model of one dense layer, read from a file.
class FitWeightsTest : public ::testing::Test {
 protected:
  FitWeightsTest() {
    files_.write("a.json", R"({
  "data": {"type": "synthetic_images", "shape": [1, 1, 3], "classes": 2},
  "model": {
    "init_from": "start.safetensors",
    "layers": [{"name": "flat", "type": "flatten"}, {"name": "F", "type": "dense", "units": 2}]
  },
  "optimizer": {"type": "sgd"}
})");
    experiment_ = files_.load("a.json");
    plan_ = plan_experiment(experiment_, input_from_config(experiment_.config.data));
  }

  /// Of the problems, which all are at init_from.
  std::vector<std::string> messages_of(const WeightsFile& weights) const {
    std::vector<std::string> messages;
    try {
      fit_weights(experiment_, plan_, weights);
    } catch (const ConfigError& error) {
      for (const Problem& problem : error.problems()) {
        EXPECT_EQ(problem.pointer, "/model/init_from");
        EXPECT_EQ(problem.line, 4);
        EXPECT_EQ(problem.column, 18);
        messages.push_back(problem.message);
      }
    }
    return messages;
  }

  ConfigFiles files_;
  Experiment experiment_;
  ModelPlan plan_;
};

TEST_F(FitWeightsTest, GivesTheModelsNamesAPrefix) {
  const WeightsFile weights{{{"F.bias", {2}, {7, 8}}, {"F.weight", {2, 3}, {1, 2, 3, 4, 5, 6}}},
                            {}};
  const Tensors fitted = fit_weights(experiment_, plan_, weights);
  ASSERT_EQ(fitted.size(), 2U);
  EXPECT_EQ(fitted[0].name, "model/F.bias");
  EXPECT_EQ(fitted[0].values, (std::vector<float>{7, 8}));
  EXPECT_EQ(fitted[1].name, "model/F.weight");
}

TEST_F(FitWeightsTest, NamesEveryMismatchAtInitFrom) {
  const WeightsFile weights{{{"F.weight", {3, 2}, std::vector<float>(6)}, {"G.bias", {2}, {7, 8}}},
                            {{"G.batches", "I64"}}};
  EXPECT_EQ(messages_of(weights),
            (std::vector<std::string>{
                "wrong shape of \"F.weight\" in the weights file (got [3, 2], expected [2, 3])",
                "the weights file has no tensor \"F.bias\"",
                "the model has no tensor \"G.batches\"", "the model has no tensor \"G.bias\""}));
}

TEST_F(FitWeightsTest, NamesATypeThatIsNoFloatingPoint) {
  const WeightsFile weights{{{"F.weight", {2, 3}, std::vector<float>(6)}}, {{"F.bias", "I32"}}};
  EXPECT_EQ(messages_of(weights),
            (std::vector<std::string>{"wrong type of \"F.bias\" in the weights file (got I32, "
                                      "expected F32, F64, F16 or BF16)"}));
}

}  // namespace
}  // namespace nnrun
