// Expected numbers of the variance split: tests/reference/make_statistics_reference.py
// (statsmodels).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nnrun/random.h"
#include "nnrun/statistics.h"

namespace nnrun {
namespace {

Group group(std::vector<double> values) {
  std::vector<int64_t> seeds;
  for (size_t i = 0; i < values.size(); ++i) seeds.push_back(static_cast<int64_t>(i));
  return {seeds, std::move(values)};
}

TEST(RankingTest, ClearDifferencesMakeGroupsAndNoiseMakesTies) {
  const std::vector<Group> configurations{
      group({0.50, 0.51, 0.49, 0.50}), group({0.90, 0.91, 0.92, 0.90}),
      group({0.91, 0.90, 0.92, 0.91}), group({0.51, 0.49, 0.50, 0.52})};
  EXPECT_EQ(tie_groups(configurations, /*maximize=*/true), (std::vector<int64_t>{1, 0, 0, 1}));
  EXPECT_EQ(tie_groups(configurations, /*maximize=*/false), (std::vector<int64_t>{0, 1, 1, 0}));
}

TEST(RankingTest, SingleRunsAllTie) {
  EXPECT_EQ(tie_groups({group({0.5}), group({0.9}), group({0.1})}, true),
            (std::vector<int64_t>{0, 0, 0}));
}

TEST(RankingTest, TwoSeedsEachWithoutASpreadTie) {
  EXPECT_EQ(tie_groups({{{0, 1}, {0.5, 0.5}}, {{10, 11}, {0.525, 0.525}}}, true),
            (std::vector<int64_t>{0, 0}));
}

TEST(RankingTest, HolmKeepsManyNoisyConfigurationsTied) {
  // Two configurations alone would differ at 5 % (p = 0.046); among ten they do not.
  const Group best = group({0.4865, 0.4825, 0.4870, 0.4875, 0.4840});
  const Group weak = group({0.4590, 0.4830, 0.4575, 0.4750, 0.4360});
  EXPECT_EQ(tie_groups({best, weak}, true), (std::vector<int64_t>{0, 1}));
  EXPECT_EQ(
      tie_groups(std::vector<Group>{best, weak, weak, weak, weak, weak, weak, weak, weak, weak},
                 true),
      std::vector<int64_t>(10, 0));
}

TEST(RankingTest, ConfigurationsWithoutAMeanComeLast) {
  EXPECT_EQ(
      tie_groups({group({std::nan(""), 1.0}), group({0.2, 0.3}), group({std::nan("")})}, true),
      (std::vector<int64_t>{1, 0, 1}));
}

TEST(RankingTest, EqualConfigurationsAreRarelyToldApart) {
  // 500 studies of 12 equal configurations with 5 seeds: at most 5 % may show more than one group,
  // the sd of that share is 0.0098. Counting only the pairs with the best one would give 10 %.
  const RandomStream random(11, Purpose::kSynthetic);
  constexpr uint64_t kStudies = 500, kConfigurations = 12, kSeeds = 5;
  int apart = 0;
  for (uint64_t s = 0; s < kStudies; ++s) {
    std::vector<Group> configurations;
    for (uint64_t c = 0; c < kConfigurations; ++c) {
      std::vector<double> values;
      for (uint64_t i = 0; i < kSeeds; ++i)
        values.push_back(random.normal((s * kConfigurations + c) * kSeeds + i));
      configurations.push_back(group(values));
    }
    const std::vector<int64_t> groups = tie_groups(configurations, true);
    apart += *std::max_element(groups.begin(), groups.end()) > 0 ? 1 : 0;
  }
  EXPECT_LE(apart / static_cast<double>(kStudies), 0.05 + 2 * 0.0098);
}

std::vector<GridValue> two_by_three() {
  return {{{0, 0}, 1.0}, {{0, 0}, 1.4}, {{0, 1}, 2.1}, {{0, 1}, 1.8}, {{0, 2}, 2.9}, {{0, 2}, 3.3},
          {{1, 0}, 2.0}, {{1, 0}, 2.2}, {{1, 1}, 2.5}, {{1, 1}, 3.1}, {{1, 2}, 5.0}, {{1, 2}, 4.4}};
}

TEST(RankingTest, VarianceSplitEqualsStatsmodels) {
  const std::vector<VarianceShare> shares = split_variance({"a", "b"}, two_by_three());
  ASSERT_EQ(shares.size(), 4u);
  EXPECT_EQ(shares[0].source, "a");
  EXPECT_NEAR(shares[0].sum_of_squares, 3.74083333333, 1e-10);
  EXPECT_NEAR(*shares[0].p, 0.00081558063448, 1e-12);
  EXPECT_NEAR(shares[1].sum_of_squares, 10.5516666667, 1e-9);
  EXPECT_NEAR(*shares[1].p, 0.000144944565092, 1e-13);
  EXPECT_EQ(shares[2].source, "interaction");
  EXPECT_NEAR(shares[2].sum_of_squares, 0.351666666667, 1e-11);
  EXPECT_NEAR(*shares[2].p, 0.243619699233, 1e-11);
  EXPECT_EQ(shares[3].source, "noise");
  EXPECT_EQ(shares[3].degrees, 6);
  EXPECT_NEAR(shares[3].sum_of_squares, 0.585, 1e-12);
  double sum = 0;
  for (const VarianceShare& share : shares) sum += share.share;
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(RankingTest, WithoutReplicatesNoiseAndInteractionAreOne) {
  std::vector<GridValue> values;
  for (const GridValue& value : two_by_three()) {
    if (values.empty() || values.back().levels != value.levels) values.push_back(value);
  }
  const std::vector<VarianceShare> shares = split_variance({"a", "b"}, values);
  ASSERT_EQ(shares.size(), 3u);
  EXPECT_EQ(shares[2].source, "interaction + noise");
  EXPECT_FALSE(shares[0].p);
}

TEST(RankingTest, UnbalancedOrPartialGridsAreNotSplit) {
  std::vector<GridValue> values = two_by_three();
  values.pop_back();
  EXPECT_TRUE(split_variance({"a", "b"}, values).empty());
  values.pop_back();
  EXPECT_TRUE(split_variance({"a", "b"}, values).empty());
  EXPECT_TRUE(split_variance({"a"}, {}).empty());
}

/// The same values `cells` (3 x 2) at each of three seeds.
std::vector<GridValue> without_noise(const std::vector<double>& cells) {
  std::vector<GridValue> values;
  for (int64_t cell = 0; cell < 6; ++cell)
    values.insert(values.end(), 3, {{cell / 2, cell % 2}, cells[static_cast<size_t>(cell)]});
  return values;
}

/// A grid whose runs all guess one class: the sums of 0.1 and its like are rounded.
TEST(RankingTest, EqualValuesHaveNoVarianceToSplit) {
  for (const double value : {0.1, 0.25, 0.3, 2.302585092994046, 1e34})
    EXPECT_TRUE(split_variance({"a", "b"}, without_noise(std::vector<double>(6, value))).empty())
        << value;
}

TEST(RankingTest, WithoutNoiseThereIsNoTest) {
  for (const std::vector<double>& cells : {std::vector<double>{0.975, 1, 1, 1, 1, 1},
                                           std::vector<double>{0.7, 0.75, 0.6, 0.325, 0.15, 0.775},
                                           std::vector<double>{0.1, 0.2, 0.3, 0.4, 0.5, 0.6}}) {
    const std::vector<VarianceShare> shares = split_variance({"a", "b"}, without_noise(cells));
    ASSERT_EQ(shares.size(), 4u);
    EXPECT_EQ(shares[3].sum_of_squares, 0.0);
    double sum = 0;
    for (const VarianceShare& share : shares) {
      EXPECT_FALSE(share.p) << share.source;
      EXPECT_GE(share.share, 0) << share.source;
      sum += share.share;
    }
    EXPECT_NEAR(sum, 1, 1e-12);
  }
}

}  // namespace
}  // namespace nnrun
