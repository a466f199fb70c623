#include "study/hyperband.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace nnrun {

std::vector<int64_t> rungs(const HyperbandConfig& config, int64_t epochs) {
  std::vector<int64_t> result;
  const int64_t eta = std::max<int64_t>(2, config.eta);
  for (int64_t rung = config.min_iter; rung < epochs; rung *= eta) {
    result.push_back(rung);
    if (rung > std::numeric_limits<int64_t>::max() / eta) break;
  }
  return result;
}

std::vector<int64_t> survivors(const std::map<int64_t, double>& values, size_t trials, int64_t eta,
                               bool maximize) {
  std::vector<std::pair<double, int64_t>> ranking;  // cost, number: sorts the best first
  for (const auto& [number, value] : values) {
    const double cost = maximize ? -value : value;
    ranking.emplace_back(std::isfinite(cost) ? cost : std::numeric_limits<double>::infinity(),
                         number);
  }
  std::sort(ranking.begin(), ranking.end());
  const auto kept = std::max<size_t>(1, trials / static_cast<size_t>(std::max<int64_t>(1, eta)));
  ranking.resize(std::min(kept, ranking.size()));
  std::vector<int64_t> numbers;
  for (const auto& [cost, number] : ranking) numbers.push_back(number);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace nnrun
