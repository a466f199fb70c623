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
  if (const auto paired = compare_paired(first, second).t_test) return *paired;
  return welch_test(a.values, b.values).value_or(1.0);
}

/// Configurations from the best mean to the worst; those without a finite mean come last.
std::vector<size_t> best_first(const std::vector<Group>& configurations, bool maximize) {
  std::vector<double> keys;
  for (const Group& group : configurations) {
    const double mean = estimate_mean(group.values).mean;
    keys.push_back(!std::isfinite(mean) ? HUGE_VAL : maximize ? -mean : mean);
  }
  std::vector<size_t> order(configurations.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return keys[i] < keys[j]; });
  return order;
}

}  // namespace

std::vector<int64_t> tie_groups(const std::vector<Group>& configurations, bool maximize,
                                double confidence) {
  std::vector<int64_t> groups(configurations.size());
  std::vector<size_t> rest = best_first(configurations, maximize);
  for (int64_t group = 0; !rest.empty(); ++group) {
    std::vector<double> p_values;
    for (size_t i = 1; i < rest.size(); ++i) {
      p_values.push_back(difference_p(configurations[rest.front()], configurations[rest[i]]));
    }
    const std::vector<double> adjusted = holm(p_values);
    std::vector<size_t> apart;
    groups[rest.front()] = group;
    for (size_t i = 1; i < rest.size(); ++i) {
      if (adjusted[i - 1] < 1 - confidence) {
        apart.push_back(rest[i]);
      } else {
        groups[rest[i]] = group;
      }
    }
    rest = std::move(apart);
  }
  return groups;
}

}  // namespace nnrun
