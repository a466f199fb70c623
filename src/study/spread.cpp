#include "study/spread.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nnrun {

double mean_of(const std::vector<double>& values) {
  const auto is_first = [&](double value) { return value == values.front(); };
  if (std::all_of(values.begin(), values.end(), is_first)) return values.front();
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double squares_around(const std::vector<double>& values, double center) {
  double sum = 0;
  for (const double value : values) sum += (value - center) * (value - center);
  return sum;
}

bool is_spread(double sd, double mean) {
  constexpr double kRounding = 1e-9;
  return sd > kRounding * std::abs(mean);
}

}  // namespace nnrun
