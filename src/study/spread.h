#pragma once

#include <vector>

/// Means and spreads of values that may be equal, or equal but for rounding.
namespace nnrun {

/// Exact for equal values, whose sum may be rounded. Not of an empty list.
double mean_of(const std::vector<double>& values);

/// Sum of the squared distances from `center`.
double squares_around(const std::vector<double>& values, double center);

/// False for a standard deviation that is nothing but the rounding of values around `mean`.
bool is_spread(double sd, double mean);

}  // namespace nnrun
