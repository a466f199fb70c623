#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

#include "model/kernels/cpu/kernels.h"

namespace nnrun::kernels {

using Floats = std::vector<float>;

/// Uniform numbers in [-scale, scale].
inline Floats random_floats(int64_t count, double scale, uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(static_cast<float>(-scale),
                                                static_cast<float>(scale));
  Floats values(static_cast<size_t>(count));
  for (float& value : values) value = uniform(generator);
  return values;
}

template <class Int = int32_t>
std::vector<Int> random_ids(int64_t count, int64_t below, uint32_t seed) {
  std::mt19937 generator(seed);
  std::vector<Int> ids(static_cast<size_t>(count));
  for (Int& id : ids) id = static_cast<Int>(generator() % static_cast<uint32_t>(below));
  return ids;
}

inline std::vector<double> to_double(const Floats& values) {
  return {values.begin(), values.end()};
}

/// Rows of the distinct ids, `stride` floats apart, at their places in a table; zeros elsewhere.
inline Floats to_table(const TokenIndex& tokens, const float* rows, int64_t stride,
                       int64_t features, int64_t vocabulary) {
  Floats table(static_cast<size_t>(vocabulary * features));
  for (const int64_t id : tokens.ids) {
    std::copy_n(rows, features, table.begin() + id * features);
    rows += stride;
  }
  return table;
}

/// A ParallelFor on `threads` threads that take the pieces from the back: the order must not
/// matter.
inline ParallelFor threads_for(int threads) {
  return [threads](int64_t count, const std::function<void(int64_t)>& body) {
    std::vector<std::thread> team;
    for (int thread = 0; thread < threads; ++thread)
      team.emplace_back([&, thread] {
        for (int64_t i = count - 1 - thread; i >= 0; i -= threads) body(i);
      });
    for (std::thread& member : team) member.join();
  };
}

/// Runs `body` once per instruction set that was compiled and that this machine has.
template <class Body>
void for_each_instruction_set(const Body& body) {
  const int64_t supported = hwy::SupportedTargets() | HWY_SCALAR;
  for (const int64_t target : {HWY_AVX3, HWY_AVX2, HWY_SCALAR})
    if (target & supported) {
      hwy::GetChosenTarget().Update(target);
      body(hwy::TargetName(target));
    }
  hwy::GetChosenTarget().DeInit();
}

/// |actual - expected| <= tolerance * the largest |expected|, for every entry.
template <class Expected>
void expect_close(const Floats& actual, const std::vector<Expected>& expected, double tolerance,
                  const char* what) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  double scale = 1e-3;
  for (const Expected value : expected)
    scale = std::max(scale, std::abs(static_cast<double>(value)));
  for (size_t i = 0; i < actual.size(); ++i)
    ASSERT_NEAR(actual[i], expected[i], tolerance * scale) << what << " at " << i;
}

}  // namespace nnrun::kernels
