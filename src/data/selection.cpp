#include "data/selection.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "data/problems.h"
#include "nnrun/format.h"
#include "nnrun/random.h"

namespace nnrun {
namespace {

using Indices = std::vector<int64_t>;

/// A split as read: label of each example, all below `classes`.
struct Labels {
  const std::vector<int32_t>& values;
  int64_t classes;
};

/// For each class its members in `part`, in order.
std::vector<Indices> by_class(const Indices& part, const Labels& labels) {
  std::vector<Indices> members(static_cast<size_t>(labels.classes));
  for (const int64_t i : part) {
    members[static_cast<size_t>(labels.values[static_cast<size_t>(i)])].push_back(i);
  }
  return members;
}

/// The first `count` of each class in file order.
Indices first_per_class(const Indices& part, const Labels& labels, int64_t count,
                        const std::string& key, DataProblems& problems) {
  Indices kept;
  const std::vector<Indices> classes = by_class(part, labels);
  const auto smallest =
      std::min_element(classes.begin(), classes.end(),
                       [](const Indices& a, const Indices& b) { return a.size() < b.size(); });
  if (static_cast<int64_t>(smallest->size()) < count) {
    problems.add(at_key(key, "class " + std::to_string(smallest - classes.begin()) +
                                 " has too few examples (got " + grouped(count) +
                                 ", expected at most " +
                                 grouped(static_cast<int64_t>(smallest->size())) + ")"));
    return kept;
  }
  for (const Indices& members : classes)
    kept.insert(kept.end(), members.begin(), members.begin() + count);
  std::sort(kept.begin(), kept.end());
  return kept;
}

Indices select_split(const Labels& labels, std::optional<int64_t> per_class,
                     std::optional<int64_t> limit, const std::string& key, DataProblems& problems) {
  Indices part(labels.values.size());
  std::iota(part.begin(), part.end(), 0);
  if (per_class) part = first_per_class(part, labels, *per_class, key, problems);
  if (limit && *limit < static_cast<int64_t>(part.size())) part.resize(static_cast<size_t>(*limit));
  return part;
}

/// Moves the rounded share `fraction` of each class from `train` to the result.
Indices split_off(Indices& train, const Labels& labels, double fraction, int64_t seed) {
  Indices validation, rest;
  const std::vector<Indices> classes = by_class(train, labels);
  for (size_t label = 0; label < classes.size(); ++label) {
    const Indices& members = classes[label];
    const RandomStream random(static_cast<uint64_t>(seed), Purpose::kValidationSplit,
                              static_cast<uint32_t>(label));
    const Indices order = permutation(static_cast<int64_t>(members.size()), random);
    const int64_t count = std::llround(fraction * static_cast<double>(members.size()));
    for (size_t k = 0; k < order.size(); ++k) {
      Indices& part = static_cast<int64_t>(k) < count ? validation : rest;
      part.push_back(members[static_cast<size_t>(order[k])]);
    }
  }
  std::sort(validation.begin(), validation.end());
  std::sort(rest.begin(), rest.end());
  train = std::move(rest);
  return validation;
}

/// The rows `indices` of an array with `size` values per row.
template <typename T>
std::vector<T> rows(const std::vector<T>& array, const Indices& indices, int64_t size) {
  std::vector<T> taken;
  taken.reserve(indices.size() * static_cast<size_t>(size));
  for (const int64_t i : indices) {
    const auto begin = array.begin() + i * size;
    taken.insert(taken.end(), begin, begin + size);
  }
  return taken;
}

}  // namespace

Selection select_examples(const DataConfig& config, const std::vector<int32_t>& train_labels,
                          const std::vector<int32_t>& test_labels, int64_t classes, int64_t seed) {
  DataProblems problems;
  Selection chosen;
  chosen.train = select_split({train_labels, classes}, config.train_per_class, config.limit.train,
                              "train_per_class", problems);
  chosen.test = select_split({test_labels, classes}, config.test_per_class, config.limit.test,
                             "test_per_class", problems);
  problems.throw_if_any();
  if (!config.validation_fraction) return chosen;

  chosen.validation =
      split_off(chosen.train, {train_labels, classes}, *config.validation_fraction, seed);
  if (chosen.train.empty() || chosen.validation.empty()) {
    problems.add(at_key("validation_fraction",
                        std::string("leaves no example for ") +
                            (chosen.train.empty() ? "training" : "validation") + " (got " +
                            shortest(*config.validation_fraction) + " of each class)"));
  }
  problems.throw_if_any();
  return chosen;
}

Examples take(const Examples& all, const std::vector<int64_t>& indices) {
  const int64_t n = std::max<int64_t>(all.size(), 1);
  Examples taken;
  taken.pixels = rows(all.pixels, indices, static_cast<int64_t>(all.pixels.size()) / n);
  taken.labels = rows(all.labels, indices, 1);
  return taken;
}

Examples take(Examples&& all, const std::vector<int64_t>& indices) {
  if (static_cast<int64_t>(indices.size()) == all.size()) return std::move(all);
  return take(std::as_const(all), indices);
}

}  // namespace nnrun
