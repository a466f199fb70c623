#include "model/kernels/cpu/loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/kernels/kernel_testing.h"

namespace nnrun::kernels {
namespace {

// Two rows worked out by hand: logits (0, ln 3) with label 0 and (ln 2, 0) with label 0. The
// softmaxes are (1/4, 3/4) and (2/3, 1/3).
TEST(KernelsLossTest, FollowsTheDefinition) {
  const Floats logits{0.F, std::log(3.F), std::log(2.F), 0.F};
  const std::vector<int64_t> labels{0, 0};
  Floats gradient(4);
  const LossSums sums = softmax_cross_entropy(logits.data(), labels.data(), 2, 2, gradient.data());
  EXPECT_NEAR(sums.loss, std::log(4.0) + std::log(1.5), 1e-6);
  EXPECT_EQ(sums.correct, 1);
  expect_close(gradient, std::vector<double>{-0.375, 0.375, -1.0 / 6, 1.0 / 6}, 1e-6, "gradient");
}

TEST(KernelsLossTest, LargeLogitsDoNotOverflow) {
  const Floats logits{1000.F, 0.F, -1000.F};
  const int64_t right = 0, wrong = 2;
  EXPECT_EQ(softmax_cross_entropy(logits.data(), &right, 1, 3, nullptr).loss, 0);
  EXPECT_EQ(softmax_cross_entropy(logits.data(), &wrong, 1, 3, nullptr).loss, 2000);
}

// The softmax of (0, 1, -1) is (0.2447…, 0.6652…, 0.0900…).
TEST(KernelsLossTest, GradientsKeepTheirDigitsAtLargeLogits) {
  const Floats logits{1e6F, 1e6F + 1, 1e6F - 1};
  const int64_t label = 1;
  Floats gradient(3);
  softmax_cross_entropy(logits.data(), &label, 1, 3, gradient.data());
  const double sum = 1 + std::exp(1.0) + std::exp(-1.0);
  const std::vector<double> expected{1 / sum, std::exp(1.0) / sum - 1, std::exp(-1.0) / sum};
  expect_close(gradient, expected, 1e-6, "gradient");
}

TEST(KernelsLossTest, FirstOfEqualsIsTheAnswer) {
  const Floats logits{1.F, 2.F, 2.F};
  const int64_t first = 1, second = 2;
  EXPECT_EQ(softmax_cross_entropy(logits.data(), &first, 1, 3, nullptr).correct, 1);
  EXPECT_EQ(softmax_cross_entropy(logits.data(), &second, 1, 3, nullptr).correct, 0);
}

TEST(KernelsLossTest, NanSpreads) {
  const Floats logits{1.F, std::numeric_limits<float>::quiet_NaN(), 2.F};
  const int64_t label = 0;
  Floats gradient(3);
  const LossSums sums = softmax_cross_entropy(logits.data(), &label, 1, 3, gradient.data());
  EXPECT_TRUE(std::isnan(sums.loss));
  EXPECT_TRUE(std::isnan(gradient[0]));
}

}  // namespace
}  // namespace nnrun::kernels
