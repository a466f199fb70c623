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

  ConfigFiles files_;
  Experiment experiment_;
  ModelPlan plan_;
};

TEST_F(FitWeightsTest, TakesNamesWithAndWithoutThePrefix) {
  const Tensors weights{{"F.weight", {2, 3}, {1, 2, 3, 4, 5, 6}}, {"model/F.bias", {2}, {7, 8}}};
  const Tensors fitted = fit_weights(experiment_, plan_, weights);
  ASSERT_EQ(fitted.size(), 2U);
  EXPECT_EQ(fitted[0].name, "model/F.bias");
  EXPECT_EQ(fitted[0].values, (std::vector<float>{7, 8}));
  EXPECT_EQ(fitted[1].name, "model/F.weight");
}

TEST_F(FitWeightsTest, NamesEveryMismatchAtInitFrom) {
  const Tensors weights{{"F.weight", {3, 2}, std::vector<float>(6)}, {"G.bias", {2}, {7, 8}}};
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
  EXPECT_EQ(
      messages,
      (std::vector<std::string>{
          "wrong shape of \"F.weight\" in the weights file (got [3, 2], expected [2, 3])",
          "the weights file has no tensor \"F.bias\"", "the model has no tensor \"G.bias\""}));
}

}  // namespace
}  // namespace nnrun
