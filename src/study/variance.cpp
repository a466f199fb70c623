#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <map>

#include "nnrun/statistics.h"
#include "study/spread.h"

namespace nnrun {
namespace {

/// Values pooled by `key(value)`.
template <class Key>
auto pool(const std::vector<GridValue>& values, const Key& key) {
  std::map<std::decay_t<decltype(key(values.front()))>, std::vector<double>> cells;
  for (const GridValue& value : values) cells[key(value)].push_back(value.value);
  return cells;
}

/// Sum of squares between the cells' means and the grand mean.
template <class Cells>
double between(const Cells& cells, double grand_mean) {
  double sum = 0;
  for (const auto& [key, cell] : cells) {
    const double distance = mean_of(cell) - grand_mean;
    sum += static_cast<double>(cell.size()) * distance * distance;
  }
  return sum;
}

/// Sum of squares inside the cells, around their means.
template <class Cells>
double within(const Cells& cells) {
  double sum = 0;
  for (const auto& [key, cell] : cells) sum += squares_around(cell, mean_of(cell));
  return sum;
}

void add_f_tests(std::vector<VarianceShare>& shares, const VarianceShare& noise) {
  const double noise_mean_square = noise.sum_of_squares / static_cast<double>(noise.degrees);
  for (VarianceShare& share : shares) {
    if (share.degrees == 0) continue;
    const auto degrees = static_cast<double>(share.degrees);
    const double f = share.sum_of_squares / degrees / noise_mean_square;
    const boost::math::fisher_f distribution(degrees, static_cast<double>(noise.degrees));
    share.p = boost::math::cdf(boost::math::complement(distribution, f));
  }
}

template <class Cells>
bool balanced(const Cells& cells) {
  for (const auto& [key, cell] : cells) {
    if (cell.size() != cells.begin()->second.size()) return false;
  }
  return true;
}

}  // namespace

std::vector<VarianceShare> split_variance(const std::vector<std::string>& factors,
                                          const std::vector<GridValue>& values) {
  const auto cells = pool(values, [](const GridValue& value) { return value.levels; });
  if (values.empty() || !balanced(cells)) return {};
  std::vector<double> all;
  for (const GridValue& value : values) all.push_back(value.value);
  const auto n = static_cast<int64_t>(all.size());
  const double grand_mean = mean_of(all), total = squares_around(all, grand_mean);
  const auto has_spread = [&](double sum_of_squares, int64_t degrees) {
    return is_spread(std::sqrt(sum_of_squares / static_cast<double>(degrees)), grand_mean);
  };
  if (!std::isfinite(total) || !has_spread(total, n)) return {};

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

  interaction.sum_of_squares = std::max(0.0, interaction.sum_of_squares);  // rounded below 0
  const VarianceShare noise{"noise", within(cells), n - grid_size, 0, {}};
  if (noise.degrees == 0) interaction.source = "interaction + noise";
  shares.push_back(interaction);
  if (noise.degrees > 0) {
    if (has_spread(noise.sum_of_squares, noise.degrees)) add_f_tests(shares, noise);
    shares.push_back(noise);
  }
  for (VarianceShare& share : shares) share.share = share.sum_of_squares / total;
  return shares;
}

}  // namespace nnrun
