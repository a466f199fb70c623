#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nnrun/train.h"
#include "train/orthogonal.h"

namespace nnrun {
namespace {

/// A plan of one layer with the given parameters.
ModelPlan plan_with(std::vector<ParameterSpec> parameters) {
  ModelPlan plan;
  plan.layers.resize(1);
  plan.layers[0].parameters = std::move(parameters);
  return plan;
}

ParameterSpec spec(const std::string& name, std::vector<int64_t> shape, InitKind init,
                   double bound = 0) {
  return {name, std::move(shape), init, bound, /*trainable=*/true};
}

std::vector<float> values(const ParameterSpec& parameter, int64_t seed = 7) {
  return initial_weights(plan_with({parameter}), seed).front().values;
}

double moment(const std::vector<float>& numbers, int power) {
  double sum = 0;
  for (const float number : numbers) sum += std::pow(number, power);
  return sum / static_cast<double>(numbers.size());
}

TEST(InitialWeightsTest, UniformFillsItsBounds) {
  constexpr double kBound = 0.25;
  const auto numbers = values(spec("C.weight", {100, 1000}, InitKind::kUniform, kBound));
  const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
  EXPECT_GE(*low, -kBound);
  EXPECT_LT(*high, kBound);
  EXPECT_NEAR(*low, -kBound, 1e-4);
  EXPECT_NEAR(*high, kBound, 1e-4);
  // Standard errors for 1e5 numbers: bound / sqrt(3e5) and, for squares, bound^2 sqrt(4 / 45) /
  // sqrt(1e5).
  EXPECT_NEAR(moment(numbers, 1), 0, 5 * kBound / std::sqrt(3e5));
  EXPECT_NEAR(moment(numbers, 2), kBound * kBound / 3,
              5 * kBound * kBound * std::sqrt(4.0 / 45) / std::sqrt(1e5));
}

TEST(InitialWeightsTest, NormalHasTheMomentsOfTheStandardNormal) {
  const auto numbers = values(spec("E.weight", {1000, 100}, InitKind::kNormal));
  EXPECT_NEAR(moment(numbers, 1), 0, 5 * std::sqrt(1 / 1e5));
  EXPECT_NEAR(moment(numbers, 2), 1, 5 * std::sqrt(2 / 1e5));
  EXPECT_NEAR(moment(numbers, 3), 0, 5 * std::sqrt(15 / 1e5));
  EXPECT_NEAR(moment(numbers, 4), 3, 5 * std::sqrt(96 / 1e5));
}

TEST(InitialWeightsTest, Constants) {
  EXPECT_EQ(values(spec("b", {3}, InitKind::kZeros)), (std::vector<float>{0, 0, 0}));
  EXPECT_EQ(values(spec("w", {3}, InitKind::kOnes)), (std::vector<float>{1, 1, 1}));
  EXPECT_EQ(values(spec("b", {8}, InitKind::kLstmBias)),
            (std::vector<float>{0, 0, 1, 1, 0, 0, 0, 0}));
}

/// Largest entry of |W^T W - I| for a row-major [rows, columns] matrix.
double distance_from_orthonormal(const std::vector<float>& matrix, size_t rows, size_t columns) {
  double largest = 0;
  for (size_t a = 0; a < columns; ++a) {
    for (size_t b = 0; b < columns; ++b) {
      double product = a == b ? -1 : 0;
      for (size_t r = 0; r < rows; ++r)
        product += double{matrix[r * columns + a]} * double{matrix[r * columns + b]};
      largest = std::max(largest, std::abs(product));
    }
  }
  return largest;
}

TEST(InitialWeightsTest, RecurrentMatrixIsOrthogonalOverAllGates) {
  for (const int64_t gates : {1, 3, 4}) {
    const auto matrix = values(spec("R.weight_hh", {gates * 20, 20}, InitKind::kOrthogonal));
    EXPECT_LT(distance_from_orthonormal(matrix, static_cast<size_t>(gates * 20), 20), 1e-6);
  }
  const auto joint = values(spec("R.weight_hh", {60, 20}, InitKind::kOrthogonal));
  const std::vector<float> one_gate(joint.begin(), joint.begin() + 400);
  EXPECT_GT(distance_from_orthonormal(one_gate, 20, 20), 0.1);
}

TEST(InitialWeightsTest, OrthogonalMatricesFavourNoSign) {
  // Each entry of a uniform 3x3 orthogonal matrix has mean 0 and variance 1/3; signs that a plain
  // QR leaves in would show in the first row.
  constexpr int kDraws = 4000;
  std::vector<double> sums(9, 0), squares(9, 0);
  for (uint64_t seed = 0; seed < kDraws; ++seed) {
    const auto matrix = orthogonal_columns(3, 3, RandomStream(seed, Purpose::kWeights));
    for (size_t i = 0; i < 9; ++i) {
      sums[i] += matrix[i];
      squares[i] += double{matrix[i]} * double{matrix[i]};
    }
  }
  for (size_t i = 0; i < 9; ++i) {
    EXPECT_NEAR(sums[i] / kDraws, 0, 5 * std::sqrt(1.0 / 3 / kDraws)) << i;
    EXPECT_NEAR(squares[i] / kDraws, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / kDraws)) << i;
  }
}

TEST(InitialWeightsTest, ValuesFollowFromSeedAndNameAlone) {
  const ParameterSpec first = spec("C1.weight", {40}, InitKind::kUniform, 1);
  const ParameterSpec second = spec("C2.weight", {40}, InitKind::kUniform, 1);
  const Tensors both = initial_weights(plan_with({second, first}), 7);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].name, "model/C1.weight");
  EXPECT_EQ(both[1].name, "model/C2.weight");
  EXPECT_EQ(both[0].values, values(first));  // alone, first, again: the same
  EXPECT_EQ(both[1].values, values(second));
  EXPECT_NE(both[0].values, both[1].values);
  EXPECT_NE(values(first, 7), values(first, 8));
}

}  // namespace
}  // namespace nnrun
