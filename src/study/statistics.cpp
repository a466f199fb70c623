#include "nnrun/statistics.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "nnrun/random.h"
#include "study/spread.h"

namespace nnrun {
namespace {

constexpr int64_t kMostExactPairs = 20;  // 2^20 sign patterns take a few milliseconds
constexpr int64_t kSampledPatterns = 100'000;

double two_sided_t(double t, double degrees) {
  if (std::isinf(t)) return 0;
  const boost::math::students_t distribution(degrees);
  return 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(t)));
}

/// 0 / 0 means "no difference and no spread": t = 0.
double t_value(double difference, double standard_error) {
  return difference == 0 ? 0 : difference / standard_error;
}

/// False for differences that are all one number other than 0, up to rounding.
bool varies(const MeanEstimate& difference) {
  return difference.mean == 0 || is_spread(*difference.sd, difference.mean);
}

/// Exact p over the ways to deal two different numbers, `na` of one and `nb` of the other, to
/// groups of these sizes: no way is more extreme than the one found. 1 / C(na + nb, na), and twice
/// that where the groups can change places.
double permutation_p(double na, double nb) {
  return (na == nb ? 2 : 1) * (na + nb + 1) * std::beta(na + 1, nb + 1);
}

/// The sum with the signs of `pattern`'s bits turned.
double flipped_sum(const std::vector<double>& differences, uint64_t pattern) {
  double sum = 0;
  for (size_t i = 0; i < differences.size(); ++i) {
    sum += (pattern >> i & 1) != 0 ? -differences[i] : differences[i];
  }
  return sum;
}

double sampled_sum(const std::vector<double>& differences, const RandomStream& random,
                   int64_t draw) {
  const uint64_t first = static_cast<uint64_t>(draw) * differences.size();
  double sum = 0;
  for (size_t i = 0; i < differences.size(); ++i) {
    sum += random.uniform(first + i) < 0.5F ? -differences[i] : differences[i];
  }
  return sum;
}

double sign_flip_test(const std::vector<double>& differences) {
  const double observed = std::abs(flipped_sum(differences, 0));
  const double threshold = observed * (1 - 1e-12);  // equal sums may differ in the last bits
  const auto as_extreme = [&](double sum) { return std::abs(sum) >= threshold ? 1 : 0; };
  int64_t extreme = 0;
  if (static_cast<int64_t>(differences.size()) <= kMostExactPairs) {
    const uint64_t patterns = uint64_t{1} << differences.size();
    for (uint64_t p = 0; p < patterns; ++p) extreme += as_extreme(flipped_sum(differences, p));
    return static_cast<double>(extreme) / static_cast<double>(patterns);
  }
  const RandomStream random(/*seed=*/0, Purpose::kStatistics);
  for (int64_t d = 0; d < kSampledPatterns; ++d)
    extreme += as_extreme(sampled_sum(differences, random, d));
  return static_cast<double>(extreme + 1) / static_cast<double>(kSampledPatterns + 1);
}

}  // namespace

MeanEstimate estimate_mean(const std::vector<double>& values, double confidence) {
  MeanEstimate result;
  result.n = static_cast<int64_t>(values.size());
  result.mean = values.empty() ? std::numeric_limits<double>::quiet_NaN() : mean_of(values);
  if (result.n < 2 || !std::isfinite(result.mean)) return result;
  const auto n = static_cast<double>(result.n);
  result.sd = std::sqrt(squares_around(values, result.mean) / (n - 1));
  const boost::math::students_t distribution(n - 1);
  const double quantile = boost::math::quantile(distribution, 0.5 + confidence / 2);
  const double half = quantile * *result.sd / std::sqrt(n);
  result.interval = Interval{result.mean - half, result.mean + half};
  return result;
}

Interval binomial_interval(int64_t successes, int64_t n, double confidence) {
  using Binomial = boost::math::binomial_distribution<>;
  const double tail = (1 - confidence) / 2;
  const auto trials = static_cast<double>(n);
  const auto count = static_cast<double>(successes);
  return {successes == 0 ? 0 : Binomial::find_lower_bound_on_p(trials, count, tail),
          successes == n ? 1 : Binomial::find_upper_bound_on_p(trials, count, tail)};
}

PairedComparison compare_paired(const std::vector<double>& a, const std::vector<double>& b,
                                double confidence) {
  std::vector<double> differences(a.size());
  std::transform(a.begin(), a.end(), b.begin(), differences.begin(), std::minus<>());
  PairedComparison result;
  result.difference = estimate_mean(differences, confidence);
  if (std::isfinite(result.difference.mean)) result.sign_flip = sign_flip_test(differences);
  if (result.difference.sd && varies(result.difference)) {
    const auto n = static_cast<double>(differences.size());
    const double error = *result.difference.sd / std::sqrt(n);
    result.t_test = two_sided_t(t_value(result.difference.mean, error), n - 1);
  }
  return result;
}

std::optional<double> welch_test(const std::vector<double>& a, const std::vector<double>& b) {
  const MeanEstimate first = estimate_mean(a), second = estimate_mean(b);
  if (!first.sd || !second.sd) return std::nullopt;
  const double na = static_cast<double>(first.n), nb = static_cast<double>(second.n);
  const double va = *first.sd * *first.sd / na, vb = *second.sd * *second.sd / nb;
  const double difference = first.mean - second.mean;
  if (!is_spread(*first.sd, first.mean) && !is_spread(*second.sd, second.mean))
    return difference == 0 ? 1.0 : permutation_p(na, nb);
  const double degrees = (va + vb) * (va + vb) / (va * va / (na - 1) + vb * vb / (nb - 1));
  return two_sided_t(difference / std::sqrt(va + vb), degrees);
}

double mcnemar_exact(int64_t only_a, int64_t only_b) {
  const int64_t n = only_a + only_b;
  if (n == 0) return 1;
  const boost::math::binomial distribution(static_cast<double>(n), 0.5);
  return std::min(
      1.0, 2 * boost::math::cdf(distribution, static_cast<double>(std::min(only_a, only_b))));
}

std::vector<double> holm(const std::vector<double>& p_values, int64_t family) {
  const size_t comparisons = std::max(p_values.size(), static_cast<size_t>(family));
  std::vector<size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t i, size_t j) { return p_values[i] < p_values[j]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    const auto remaining = static_cast<double>(comparisons - rank);
    largest = std::max(largest, std::min(1.0, remaining * p_values[order[rank]]));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

}  // namespace nnrun
