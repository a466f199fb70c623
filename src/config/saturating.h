#pragma once

#include <cstdint>
#include <limits>

namespace nnrun {

/// Products and sums of non-negative sizes that stay at the largest int64_t instead of overflowing.
inline int64_t saturating_times(int64_t a, int64_t b) {
  int64_t result = 0;
  return __builtin_mul_overflow(a, b, &result) ? std::numeric_limits<int64_t>::max() : result;
}

inline int64_t saturating_plus(int64_t a, int64_t b) {
  int64_t result = 0;
  return __builtin_add_overflow(a, b, &result) ? std::numeric_limits<int64_t>::max() : result;
}

template <typename Sizes>
int64_t saturating_product(const Sizes& sizes) {
  int64_t result = 1;
  for (const int64_t size : sizes) result = saturating_times(result, size);
  return result;
}

}  // namespace nnrun
