#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Statistics of repeated runs. Pure functions; distributions come from Boost.Math.
/// Where a quantity needs more data than there is, the result is empty, never a guess.
namespace nnrun {

struct Interval {
  double low = 0, high = 0;
};

/// Mean and spread of n values. `interval` is the two-sided t-interval; it needs n >= 2.
struct MeanEstimate {
  int64_t n = 0;
  double mean = 0;           ///< NaN for n = 0
  std::optional<double> sd;  ///< n - 1 in the denominator; needs n >= 2
  std::optional<Interval> interval;
};
MeanEstimate estimate_mean(const std::vector<double>& values, double confidence = 0.95);

/// Exact (Clopper-Pearson) interval of a proportion: `successes` out of `n` >= 1.
Interval binomial_interval(int64_t successes, int64_t n, double confidence = 0.95);

/// a - b over pairs that share a seed.
struct PairedComparison {
  MeanEstimate difference;
  /// Two-sided p of the paired t-test; needs n >= 2. Empty too when all differences are one and the
  /// same number other than 0: accuracies come in steps, so that says nothing about the spread.
  std::optional<double> t_test;
  std::optional<double> sign_flip;  ///< two-sided p of the sign-flip permutation test; needs n >= 1

  /// The p that decides: the t-test's, else (n >= 2) that of the sign flips.
  std::optional<double> p() const { return t_test || difference.n < 2 ? t_test : sign_flip; }
};
/// Equal lengths. Sign flips: all 2^n for n <= 20, else 100,000 counter-based draws (the same p
/// every time).
PairedComparison compare_paired(const std::vector<double>& a, const std::vector<double>& b,
                                double confidence = 0.95);

/// Welch's t-test for groups without shared seeds: two-sided p; empty when either has fewer than 2
/// values. Where neither has a spread the exact p of the permutation test over their labels, for
/// accuracies come in steps.
std::optional<double> welch_test(const std::vector<double>& a, const std::vector<double>& b);

/// McNemar's exact test: `only_a` test items only A got right, `only_b` only B. Two-sided p.
double mcnemar_exact(int64_t only_a, int64_t only_b);

/// Holm's step-down correction: adjusted p-values in the order given. `family`: comparisons in all,
/// when these are the part of them that matters (the others count as larger, which errs on the safe
/// side); 0: these are all.
std::vector<double> holm(const std::vector<double>& p_values, int64_t family = 0);

/// Values of one configuration, indexed by seed so that others can be paired with it.
struct Group {
  std::vector<int64_t> seeds;
  std::vector<double> values;  ///< as long as `seeds`
};

/// Indices of the values from the best to the worst; those that are not finite come last.
std::vector<size_t> best_first(const std::vector<double>& values, bool maximize);

/// Splits configurations into groups of statistical ties: group 0 holds the best mean and all that
/// do not differ from it at 1 - confidence after Holm's correction; the best of the rest opens
/// group 1, and so on. The correction counts all pairs, not only those with the best: which one is
/// best was read off the same values. Shared seeds (>= 2) are paired, others go through Welch's
/// test; where neither can be computed the configuration ties with the leader, for nothing tells
/// them apart. Configurations without a finite mean share the last group. Returns the group of each
/// configuration.
std::vector<int64_t> tie_groups(const std::vector<Group>& configurations, bool maximize,
                                double confidence = 0.95);

/// One line of a variance split: a main effect ("C1"), the interaction, or the noise between seeds.
struct VarianceShare {
  std::string source;
  double sum_of_squares = 0;
  int64_t degrees = 0;
  double share = 0;         ///< of the total sum of squares
  std::optional<double> p;  ///< F-test against the noise; needs replicates
};

/// One cell's value in a balanced grid: the level of each factor (from 0) and the value.
struct GridValue {
  std::vector<int64_t> levels;
  double value = 0;
};

/// Analysis of variance of a balanced full grid: each factor's main effect, all interactions
/// together, and noise (the spread inside cells). Empty when the grid is not full or not balanced,
/// or all values are the same. No p-values where the cells have no spread. Without replicates
/// interaction and noise cannot be told apart: one line "interaction + noise", no p-values.
std::vector<VarianceShare> split_variance(const std::vector<std::string>& factors,
                                          const std::vector<GridValue>& values);

}  // namespace nnrun
