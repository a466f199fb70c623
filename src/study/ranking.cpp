#include <algorithm>
#include <cmath>
#include <numeric>

#include "nnrun/statistics.h"

namespace nnrun {
namespace {

/// The values of both groups at the seeds they share, in the order of `a`.
std::pair<std::vector<double>, std::vector<double>> shared_seeds(const Group& a, const Group& b) {
  std::pair<std::vector<double>, std::vector<double>> pairs;
  for (size_t i = 0; i < a.seeds.size(); ++i) {
    const auto found = std::find(b.seeds.begin(), b.seeds.end(), a.seeds[i]);
    if (found == b.seeds.end()) continue;
    pairs.first.push_back(a.values[i]);
    pairs.second.push_back(b.values[static_cast<size_t>(found - b.seeds.begin())]);
  }
  return pairs;
}

/// p-value of "both have the same mean"; 1 where nothing can tell.
double difference_p(const Group& a, const Group& b) {
  const auto [first, second] = shared_seeds(a, b);
  if (const auto paired = compare_paired(first, second).p()) return *paired;
  return welch_test(a.values, b.values).value_or(1.0);
}

/// Pairs of configurations that can be told apart at all: both have a spread.
int64_t testable_pairs(const std::vector<Group>& configurations) {
  const int64_t testable =
      std::count_if(configurations.begin(), configurations.end(),
                    [](const Group& group) { return estimate_mean(group.values).sd.has_value(); });
  return testable * (testable - 1) / 2;
}

/// Those of `rest` that differ from its first after Holm's correction, in their order.
std::vector<size_t> apart_from_first(const std::vector<Group>& configurations,
                                     const std::vector<size_t>& rest, int64_t family,
                                     double confidence) {
  std::vector<double> p_values;
  for (size_t i = 1; i < rest.size(); ++i) {
    p_values.push_back(difference_p(configurations[rest.front()], configurations[rest[i]]));
  }
  const std::vector<double> adjusted = holm(p_values, family);
  std::vector<size_t> apart;
  for (size_t i = 1; i < rest.size(); ++i) {
    if (adjusted[i - 1] < 1 - confidence) apart.push_back(rest[i]);
  }
  return apart;
}

}  // namespace

std::vector<size_t> best_first(const std::vector<double>& values, bool maximize) {
  const auto key = [&](size_t i) {
    return !std::isfinite(values[i]) ? HUGE_VAL : maximize ? -values[i] : values[i];
  };
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return key(i) < key(j); });
  return order;
}

std::vector<int64_t> tie_groups(const std::vector<Group>& configurations, bool maximize,
                                double confidence) {
  std::vector<double> means;
  for (const Group& group : configurations) means.push_back(estimate_mean(group.values).mean);
  std::vector<size_t> rest = best_first(means, maximize);
  const auto has_no_mean = [&](size_t i) { return !std::isfinite(means[i]); };
  const auto last = std::find_if(rest.begin(), rest.end(), has_no_mean);
  const std::vector<size_t> without_mean(last, rest.end());
  rest.erase(last, rest.end());

  const int64_t family = testable_pairs(configurations);
  std::vector<int64_t> groups(configurations.size());
  int64_t group = 0;
  for (; !rest.empty(); ++group) {
    for (const size_t i : rest) groups[i] = group;  // those apart are overwritten in their turn
    rest = apart_from_first(configurations, rest, family, confidence);
  }
  for (const size_t i : without_mean) groups[i] = group;
  return groups;
}

}  // namespace nnrun
