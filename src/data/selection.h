#pragma once

#include <cstdint>
#include <vector>

#include "nnrun/data.h"

namespace nnrun {

/// The examples that take part, as indices into the two splits as read, in file order.
struct Selection {
  std::vector<int64_t> train, validation, test;
};

/// Applies to two splits with labels below `classes`, in this order, `train_per_class` and
/// `test_per_class` (the first N of each class), `limit` and `validation_fraction` (drawn by
/// `seed`, the same share of every class). Throws DataError when a class has too few examples or a
/// part stays empty.
Selection select_examples(const DataConfig& config, const std::vector<int32_t>& train_labels,
                          const std::vector<int32_t>& test_labels, int64_t classes, int64_t seed);

/// The images `indices` (ascending, each once) of `all`.
Examples take(const Examples& all, const std::vector<int64_t>& indices);
Examples take(Examples&& all, const std::vector<int64_t>& indices);

}  // namespace nnrun
