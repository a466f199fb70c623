#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <map>

#include "nnrun/statistics.h"

namespace nnrun {
namespace {

struct Cell {
  double sum = 0;
  int64_t count = 0;
  double mean() const { return sum / static_cast<double>(count); }
};

/// Values pooled by `key(value)`.
template <class Key>
auto pool(const std::vector<GridValue>& values, const Key& key) {
  std::map<std::decay_t<decltype(key(values.front()))>, Cell> cells;
  for (const GridValue& value : values) {
    Cell& cell = cells[key(value)];
    cell.sum += value.value;
    ++cell.count;
  }
  return cells;
}

/// Sum of squares between the cells' means and the grand mean.
template <class Cells>
double between(const Cells& cells, double grand_mean) {
  double sum = 0;
  for (const auto& [key, cell] : cells) {
    const double distance = cell.mean() - grand_mean;
    sum += static_cast<double>(cell.count) * distance * distance;
  }
  return sum;
}

void add_f_tests(std::vector<VarianceShare>& shares, const VarianceShare& noise) {
  const double noise_mean_square = noise.sum_of_squares / static_cast<double>(noise.degrees);
  for (VarianceShare& share : shares) {
    if (share.degrees == 0 || noise_mean_square <= 0) continue;
    const auto degrees = static_cast<double>(share.degrees);
    const double f = std::max(0.0, share.sum_of_squares) / degrees / noise_mean_square;
    const boost::math::fisher_f distribution(degrees, static_cast<double>(noise.degrees));
    share.p = boost::math::cdf(boost::math::complement(distribution, f));
  }
}

template <class Cells>
bool balanced(const Cells& cells) {
  for (const auto& [key, cell] : cells) {
    if (cell.count != cells.begin()->second.count) return false;
  }
  return true;
}

}  // namespace

std::vector<VarianceShare> split_variance(const std::vector<std::string>& factors,
                                          const std::vector<GridValue>& values) {
  const auto n = static_cast<int64_t>(values.size());
  double grand_mean = 0, total = 0;
  for (const GridValue& value : values) grand_mean += value.value / static_cast<double>(n);
  for (const GridValue& value : values) {
    total += (value.value - grand_mean) * (value.value - grand_mean);
  }
  const auto cells = pool(values, [](const GridValue& value) { return value.levels; });
  if (values.empty() || !std::isfinite(total) || !balanced(cells)) return {};

  std::vector<VarianceShare> shares;
  int64_t grid_size = 1;
  VarianceShare interaction{"interaction", between(cells, grand_mean), 0, 0, {}};
  interaction.degrees = static_cast<int64_t>(cells.size()) - 1;
  for (size_t f = 0; f < factors.size(); ++f) {
    const auto levels = pool(values, [f](const GridValue& value) { return value.levels[f]; });
    const auto count = static_cast<int64_t>(levels.size());
    shares.push_back({factors[f], between(levels, grand_mean), count - 1, 0, {}});
    interaction.sum_of_squares -= shares.back().sum_of_squares;
    interaction.degrees -= count - 1;
    grid_size *= count;
  }
  if (grid_size != static_cast<int64_t>(cells.size())) return {};

  const VarianceShare noise{"noise", total - between(cells, grand_mean), n - grid_size, 0, {}};
  if (noise.degrees == 0) interaction.source = "interaction + noise";
  shares.push_back(interaction);
  if (noise.degrees > 0) {
    add_f_tests(shares, noise);
    shares.push_back(noise);
  }
  for (VarianceShare& share : shares) share.share = total == 0 ? 0 : share.sum_of_squares / total;
  return shares;
}

}  // namespace nnrun
