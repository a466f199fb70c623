#include "model/meter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace nnrun {
namespace {

const float kInfinity = std::numeric_limits<float>::infinity();

Sums after(const std::vector<float>& losses) {
  Meter meter(at::kCPU);
  for (const float loss : losses) {
    meter.add(at::scalar_tensor(loss), torch::tensor({{1.0F, 2.0F}, {2.0F, 1.0F}}),
              torch::tensor({1, 1}));
  }
  return meter.sums(2 * static_cast<int64_t>(losses.size()));
}

TEST(MeterTest, WeighsEachBatchByItsExamples) {
  Meter meter(at::kCPU);
  meter.add(at::scalar_tensor(1.5F), torch::tensor({{1.0F, 2.0F}, {2.0F, 1.0F}}),
            torch::tensor({1, 1}));
  meter.add(at::scalar_tensor(4.0F), torch::tensor({{0.0F, 1.0F}}), torch::tensor({1}));
  const Sums sums = meter.sums(/*examples=*/3);
  EXPECT_EQ(sums.loss, 2 * 1.5 + 4);
  EXPECT_EQ(sums.correct, 2);
  EXPECT_EQ(sums.examples, 3);
  EXPECT_TRUE(sums.finite);
}

TEST(MeterTest, TotalsBeyondSinglePrecisionAreInfinite) {  // Keras sums in float32
  EXPECT_EQ(after({1e38F}).loss, 2 * double{1e38F});
  EXPECT_EQ(after({1e38F, 1e38F}).loss, kInfinity);
  EXPECT_EQ(after({2e38F}).loss, kInfinity);
  EXPECT_FALSE(after({2e38F}).finite);
}

TEST(MeterTest, NonFiniteLossesSpread) {
  EXPECT_TRUE(std::isnan(after({1, std::nanf(""), 1}).loss));
  EXPECT_EQ(after({1, kInfinity}).loss, kInfinity);
  EXPECT_FALSE(after({1, kInfinity}).finite);
}

}  // namespace
}  // namespace nnrun
