#include "train/orthogonal.h"

#include <cmath>
#include <numeric>

namespace nnrun {
namespace {

using Column = std::vector<double>;

double dot(const Column& a, const Column& b) {
  return std::transform_reduce(a.begin(), a.end(), b.begin(), 0.0);
}

/// Takes the part along the unit vector `direction` off `column`.
void remove_along(const Column& direction, Column& column) {
  const double length = dot(direction, column);
  for (size_t i = 0; i < column.size(); ++i) column[i] -= length * direction[i];
}

void normalize(Column& column) {
  const double norm = std::sqrt(dot(column, column));
  for (double& value : column) value /= norm;
}

}  // namespace

// Modified Gram-Schmidt in double. Every column goes through twice ("twice is enough", Giraud et
// al., 2005), which keeps the result orthogonal to rounding however close to dependent the drawn
// columns are. Dividing by the norm, which is R's diagonal, leaves that diagonal positive.
std::vector<float> orthogonal_columns(int64_t rows, int64_t columns, const RandomStream& random) {
  const auto height = static_cast<size_t>(rows), width = static_cast<size_t>(columns);
  std::vector<Column> basis;
  for (size_t c = 0; c < width; ++c) {
    Column column(height);
    for (size_t r = 0; r < height; ++r) column[r] = random.normal(r * width + c);
    for (int pass = 0; pass < 2; ++pass) {
      for (const Column& direction : basis) remove_along(direction, column);
    }
    normalize(column);
    basis.push_back(std::move(column));
  }
  std::vector<float> values(height * width);
  for (size_t r = 0; r < height; ++r) {
    for (size_t c = 0; c < width; ++c) values[r * width + c] = static_cast<float>(basis[c][r]);
  }
  return values;
}

}  // namespace nnrun
