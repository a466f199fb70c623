// Expected numbers: tests/reference/make_statistics_reference.py (SciPy and statsmodels).
#include "nnrun/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nnrun/random.h"

namespace nnrun {
namespace {

const std::vector<double> kA{0.4865, 0.4825, 0.4870, 0.4875, 0.4840};
const std::vector<double> kB{0.4590, 0.4830, 0.4575, 0.4750, 0.4360};
const std::vector<double> kD{0.51, 0.47, 0.53};

TEST(StatisticsTest, MeanAndTIntervalEqualSciPy) {
  const MeanEstimate estimate = estimate_mean(kA);
  EXPECT_EQ(estimate.n, 5);
  EXPECT_NEAR(estimate.mean, 0.4855, 1e-15);
  EXPECT_NEAR(*estimate.sd, 0.0021505813167606584, 1e-15);
  EXPECT_NEAR(estimate.interval->low, 0.4828297006037687, 1e-12);
  EXPECT_NEAR(estimate.interval->high, 0.4881702993962314, 1e-12);
  EXPECT_NEAR(estimate_mean(kA, 0.90).interval->low, 0.4834496554152184, 1e-12);
}

TEST(StatisticsTest, OneValueHasNoSpread) {
  EXPECT_FALSE(estimate_mean({0.5}).sd);
  EXPECT_FALSE(estimate_mean({0.5}).interval);
  EXPECT_TRUE(std::isnan(estimate_mean({}).mean));
  EXPECT_FALSE(estimate_mean({0.5, std::nan("")}).interval);
}

TEST(StatisticsTest, EqualValuesHaveNoSpread) {
  const MeanEstimate estimate = estimate_mean(std::vector<double>(40, 0.35));
  EXPECT_EQ(estimate.mean, 0.35);
  EXPECT_EQ(estimate.sd, 0.0);
}

TEST(StatisticsTest, AMissingValueAmongEqualOnesLeavesNoMean) {
  EXPECT_TRUE(std::isnan(estimate_mean({0.1, std::nan(""), 0.1}).mean));
}

TEST(StatisticsTest, BinomialIntervalIsClopperPearson) {
  const auto expect = [](int64_t k, int64_t n, double low, double high) {
    const Interval interval = binomial_interval(k, n);
    EXPECT_NEAR(interval.low, low, 1e-10) << k;
    EXPECT_NEAR(interval.high, high, 1e-10) << k;
  };
  expect(1008, 2000, 0.4818453830996693, 0.5261428739365068);
  expect(0, 50, 0, 0.07112173646419767);
  expect(50, 50, 0.9288782635358024, 1);
  expect(3, 10, 0.06673951117773447, 0.6524528500599973);
}

TEST(StatisticsTest, PairedComparisonEqualsSciPy) {
  const PairedComparison comparison = compare_paired(kA, kB);
  EXPECT_NEAR(*comparison.t_test, 0.04644266205683484, 1e-12);
  EXPECT_NEAR(comparison.difference.interval->low, 0.0005959355574484057, 1e-12);
  EXPECT_NEAR(comparison.difference.interval->high, 0.04620406444255157, 1e-12);
  EXPECT_DOUBLE_EQ(*comparison.sign_flip, 0.125);
}

TEST(StatisticsTest, EqualPairsDoNotDiffer) {
  const PairedComparison comparison = compare_paired(kA, kA);
  EXPECT_DOUBLE_EQ(*comparison.t_test, 1);
  EXPECT_DOUBLE_EQ(*comparison.sign_flip, 1);
}

TEST(StatisticsTest, OneAndTheSameDifferenceIsNoProof) {
  // Accuracies over 100 items come in steps of 0.01: two seeds with the same step prove nothing.
  const PairedComparison comparison = compare_paired({0.51, 0.52}, {0.50, 0.51});
  EXPECT_FALSE(comparison.t_test);
  EXPECT_DOUBLE_EQ(*comparison.p(), 0.5);  // sign flips: 2 of 4 patterns are as extreme
  EXPECT_FALSE(compare_paired({0.51}, {0.50}).p());
  EXPECT_DOUBLE_EQ(*compare_paired(kA, kB).p(), *compare_paired(kA, kB).t_test);
}

TEST(StatisticsTest, GroupsWithoutASpreadProveAsMuchAsTheirLabels) {
  // By hand: of the C(4, 2) = 6 ways to deal the labels two are as extreme, of C(5, 2) = 10 one.
  EXPECT_NEAR(*welch_test({0.5, 0.5}, {0.525, 0.525}), 1.0 / 3, 1e-12);
  EXPECT_NEAR(*welch_test({0.5, 0.5}, {0.525, 0.525, 0.525}), 0.1, 1e-12);
  EXPECT_NEAR(*welch_test(std::vector<double>(5, 0.1), std::vector<double>(5, 0.9)), 2.0 / 252,
              1e-12);
  EXPECT_EQ(*welch_test({0.1, 0.1, 0.1}, {0.1, 0.1}), 1);
  EXPECT_EQ(*welch_test(std::vector<double>(600, 0.1), std::vector<double>(600, 0.9)), 0);
}

TEST(StatisticsTest, ManyPairsAreSampledAndAgreeWithTheTTest) {
  const RandomStream random(1, Purpose::kSynthetic);
  std::vector<double> a, b;
  for (uint64_t i = 0; i < 60; ++i) {
    a.push_back(random.normal(i) + 0.35);
    b.push_back(random.normal(i + 1000));
  }
  const PairedComparison comparison = compare_paired(a, b);
  EXPECT_NEAR(*comparison.sign_flip, *comparison.t_test, 0.01);
  EXPECT_DOUBLE_EQ(*comparison.sign_flip, *compare_paired(a, b).sign_flip);
}

TEST(StatisticsTest, WelchMcNemarAndHolmEqualStatsmodels) {
  EXPECT_NEAR(*welch_test(kA, kD), 0.4184518146249692, 1e-12);
  EXPECT_FALSE(welch_test(kA, {0.5}));
  EXPECT_NEAR(mcnemar_exact(12, 30), 0.007915897334896727, 1e-14);
  EXPECT_DOUBLE_EQ(mcnemar_exact(5, 5), 1);
  EXPECT_DOUBLE_EQ(mcnemar_exact(0, 7), 0.015625);
  EXPECT_DOUBLE_EQ(mcnemar_exact(0, 0), 1);
  const std::vector<double> adjusted = holm({0.01, 0.04, 0.03, 0.005, 0.9});
  ASSERT_EQ(adjusted.size(), 5u);
  EXPECT_NEAR(adjusted[0], 0.04, 1e-15);
  EXPECT_NEAR(adjusted[1], 0.09, 1e-15);
  EXPECT_NEAR(adjusted[2], 0.09, 1e-15);
  EXPECT_NEAR(adjusted[3], 0.025, 1e-15);
  EXPECT_NEAR(adjusted[4], 0.9, 1e-15);
}

TEST(StatisticsTest, HolmOverALargerFamilyCountsTheOthersAsLarger) {
  // statsmodels over {0.01, 0.04, 1, 1, 1, 1}: 0.06 and 0.2.
  const std::vector<double> adjusted = holm({0.01, 0.04}, /*family=*/6);
  EXPECT_NEAR(adjusted[0], 0.06, 1e-15);
  EXPECT_NEAR(adjusted[1], 0.2, 1e-15);
}

TEST(StatisticsTest, IntervalsCoverTheTruthAsOftenAsTheyPromise) {
  // 4,000 experiments of 5 normal values: the count of covering intervals is binomial (4000, 0.95),
  // sd 0.0034.
  const RandomStream random(7, Purpose::kSynthetic);
  constexpr uint64_t kExperiments = 4000, kSeeds = 5;
  int covered = 0;
  for (uint64_t e = 0; e < kExperiments; ++e) {
    std::vector<double> values;
    for (uint64_t i = 0; i < kSeeds; ++i) values.push_back(3 + 2 * random.normal(e * kSeeds + i));
    const Interval interval = *estimate_mean(values).interval;
    covered += interval.low <= 3 && 3 <= interval.high ? 1 : 0;
  }
  EXPECT_NEAR(covered / static_cast<double>(kExperiments), 0.95, 4 * 0.0034);
}

TEST(StatisticsTest, PairedIntervalsCoverTheDifference) {
  // Pairs share most of their noise, as runs of one seed do; the true difference is 0.5.
  const RandomStream random(9, Purpose::kSynthetic);
  constexpr uint64_t kExperiments = 4000, kSeeds = 4;
  int covered = 0, flips_reject = 0;
  for (uint64_t e = 0; e < kExperiments; ++e) {
    std::vector<double> a, b;
    for (uint64_t i = 0; i < kSeeds; ++i) {
      const uint64_t at = 3 * (e * kSeeds + i);
      const double shared = 5 * random.normal(at);
      a.push_back(shared + random.normal(at + 1) + 0.5);
      b.push_back(shared + random.normal(at + 2));
    }
    const PairedComparison comparison = compare_paired(a, b);
    const Interval interval = *comparison.difference.interval;
    covered += interval.low <= 0.5 && 0.5 <= interval.high ? 1 : 0;
    flips_reject += *comparison.sign_flip < 0.1 ? 1 : 0;
  }
  EXPECT_NEAR(covered / static_cast<double>(kExperiments), 0.95, 4 * 0.0034);
  EXPECT_EQ(flips_reject, 0);  // 4 pairs: no p below 2 / 16
}

TEST(StatisticsTest, BinomialIntervalsCoverAtLeastAsOftenAsTheyPromise) {
  const RandomStream random(8, Purpose::kSynthetic);
  constexpr uint64_t kExperiments = 2000, kItems = 100;
  int covered = 0;
  for (uint64_t e = 0; e < kExperiments; ++e) {
    int64_t correct = 0;
    for (uint64_t i = 0; i < kItems; ++i) correct += random.uniform(e * kItems + i) < 0.7F ? 1 : 0;
    const Interval interval = binomial_interval(correct, kItems);
    covered += interval.low <= 0.7 && 0.7 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(covered / static_cast<double>(kExperiments), 0.94);
  EXPECT_LE(covered / static_cast<double>(kExperiments), 0.99);
}

}  // namespace
}  // namespace nnrun
