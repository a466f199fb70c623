#include <gtest/gtest.h>

#include "config/layer_builders.h"
#include "nnrun/train.h"

namespace nnrun {
namespace {

using namespace testing;

ModelPlan small_plan() {
  const InputSpec input{{ShapeKind::kVector, {3}}, /*classes=*/2, /*vocabulary=*/{}, /*buckets=*/0};
  return plan_model(model({dense("F", 2)}), input, [](const auto&, const auto&) {});
}

std::vector<std::string> messages(const Tensors& weights) {
  std::vector<std::string> result;
  try {
    fit_weights(Experiment{}, small_plan(), weights);
  } catch (const ConfigError& error) {
    for (const Problem& problem : error.problems())
      result.push_back(problem.pointer + ": " + problem.message);
  }
  return result;
}

TEST(FitWeightsTest, TakesNamesWithAndWithoutThePrefix) {
  const Tensors weights{{"F.weight", {2, 3}, {1, 2, 3, 4, 5, 6}}, {"model/F.bias", {2}, {7, 8}}};
  const Tensors fitted = fit_weights(Experiment{}, small_plan(), weights);
  ASSERT_EQ(fitted.size(), 2U);
  EXPECT_EQ(fitted[0].name, "model/F.bias");
  EXPECT_EQ(fitted[0].values, (std::vector<float>{7, 8}));
  EXPECT_EQ(fitted[1].name, "model/F.weight");
}

TEST(FitWeightsTest, NamesEveryMismatch) {
  const Tensors weights{{"F.weight", {3, 2}, std::vector<float>(6)}, {"G.bias", {2}, {7, 8}}};
  EXPECT_EQ(messages(weights),
            (std::vector<std::string>{"/model/init_from: wrong shape of \"F.weight\" in the "
                                      "weights file (got [3, 2], expected [2, 3])",
                                      "/model/init_from: the weights file has no tensor \"F.bias\"",
                                      "/model/init_from: the model has no tensor \"G.bias\""}));
}

}  // namespace
}  // namespace nnrun
