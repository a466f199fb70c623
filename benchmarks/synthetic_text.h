#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

/// Inputs of the benchmarks.
namespace nnrun::kernels {

/// Uniform in [-0.3, 0.3].
inline std::vector<float> random_values(int64_t count) {
  std::mt19937 generator(2);
  std::uniform_real_distribution<float> uniform(-0.3f, 0.3f);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = uniform(generator);
  return values;
}

/// Ids below `vocabulary`, log-uniform as word frequencies are (Zipf's law); a share of them is
/// padding, id 0. 12,800 words of 35,287 with half of them padding give about 2,500 distinct ones.
inline std::vector<int32_t> text_ids(int64_t count, int64_t vocabulary, double padding) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<int32_t> ids(static_cast<size_t>(count), 0);
  for (int32_t& id : ids)
    if (uniform(generator) >= padding)
      id = static_cast<int32_t>(std::pow(static_cast<double>(vocabulary), uniform(generator)));
  return ids;
}

}  // namespace nnrun::kernels
