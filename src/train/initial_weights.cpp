#include <algorithm>
#include <stdexcept>
#include <utility>

#include "nnrun/random.h"
#include "nnrun/train.h"
#include "train/orthogonal.h"

namespace nnrun {
namespace {

std::vector<float> uniform_values(int64_t count, double bound, const RandomStream& random) {
  std::vector<float> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>((2 * random.uniform53(i) - 1) * bound);
  }
  return values;
}

std::vector<float> normal_values(int64_t count, const RandomStream& random) {
  std::vector<float> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(random.normal(i));
  return values;
}

/// [4 * H] in the order i, f, g, o: ones for the forget gate.
std::vector<float> lstm_bias(int64_t count) {
  std::vector<float> values(static_cast<size_t>(count));
  std::fill_n(values.begin() + count / 4, count / 4, 1.0F);
  return values;
}

std::vector<float> values_of(const ParameterSpec& spec, const RandomStream& random) {
  const int64_t count = spec.elements();
  switch (spec.init) {
    case InitKind::kUniform:
      return uniform_values(count, spec.bound, random);
    case InitKind::kNormal:
      return normal_values(count, random);
    case InitKind::kOrthogonal:
      return orthogonal_columns(spec.shape[0], spec.shape[1], random);
    case InitKind::kZeros:
      return std::vector<float>(static_cast<size_t>(count), 0.0F);
    case InitKind::kOnes:
      return std::vector<float>(static_cast<size_t>(count), 1.0F);
    case InitKind::kLstmBias:
      return lstm_bias(count);
  }
  throw std::logic_error("no initial values for " + spec.name);
}

}  // namespace

Tensors initial_weights(const ModelPlan& plan, int64_t seed) {
  Tensors weights;
  for (const ParameterSpec& spec : plan.all_parameters()) {
    const RandomStream random(static_cast<uint64_t>(seed), Purpose::kWeights, fnv1a(spec.name));
    weights.push_back({"model/" + spec.name, spec.shape, values_of(spec, random)});
  }
  std::sort(weights.begin(), weights.end(),
            [](const Tensor& a, const Tensor& b) { return a.name < b.name; });
  return weights;
}

}  // namespace nnrun
