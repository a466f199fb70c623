#include "model/stretch.h"

namespace nnrun {
namespace {

/// Places of the trainable tensors in a bank.
std::vector<size_t> trainable_places(const TensorBank& weights) {
  std::vector<size_t> places;
  for (size_t i = 0; i < weights.specs().size(); ++i) {
    if (weights.specs()[i].trainable) places.push_back(i);
  }
  return places;
}

std::vector<ParameterSpec> part_of(const std::vector<ParameterSpec>& specs, size_t begin,
                                   size_t end) {
  return {specs.begin() + static_cast<int64_t>(begin), specs.begin() + static_cast<int64_t>(end)};
}

Stretch of_rows(const TensorBank& weights, const std::vector<TensorBank>& slots, size_t variable,
                size_t place) {
  Stretch stretch{variable, variable + 1, std::nullopt, {}};
  stretch.tensors.weight = weights.tensors()[place];
  for (const TensorBank& slot : slots) stretch.tensors.slots.push_back(slot.tensors()[variable]);
  return stretch;
}

/// Of the variables from `begin` on, which lie at [first, last) of `weights`.
Stretch of_neighbours(const TensorBank& weights, const std::vector<TensorBank>& slots, size_t begin,
                      size_t first, size_t last) {
  Stretch stretch{begin, begin + (last - first), std::nullopt, {}};
  stretch.gradients.emplace(part_of(weights.specs(), first, last), weights.flat().device());
  stretch.tensors.weight = weights.flat_part(first, last);
  stretch.tensors.gradient = stretch.gradients->flat();
  for (const TensorBank& slot : slots)
    stretch.tensors.slots.push_back(slot.flat_part(stretch.begin, stretch.end));
  return stretch;
}

}  // namespace

std::vector<Stretch> stretches_of(const TensorBank& weights, const std::vector<TensorBank>& slots,
                                  const std::vector<at::Tensor>& gradients) {
  const std::vector<size_t> places = trainable_places(weights);
  const auto follows = [&](size_t variable) {
    return variable < places.size() && !gradients[variable].is_sparse() &&
           places[variable] == places[variable - 1] + 1;
  };
  std::vector<Stretch> stretches;
  for (size_t begin = 0; begin < places.size(); begin = stretches.back().end) {
    if (gradients[begin].is_sparse()) {
      stretches.push_back(of_rows(weights, slots, begin, places[begin]));
      continue;
    }
    size_t end = begin + 1;
    while (follows(end)) ++end;
    stretches.push_back(of_neighbours(weights, slots, begin, places[begin], places[end - 1] + 1));
  }
  return stretches;
}

}  // namespace nnrun
