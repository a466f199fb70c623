#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "nnrun/data.h"

namespace nnrun {

/// Examples per class of a split.
std::vector<int64_t> class_counts(const Examples& examples, int64_t classes);

/// A class by its name, else by its number.
std::string class_label(const Dataset& dataset, int64_t index);

/// Splits, classes, shapes, vocabulary, files of a data set: lines for people, and the same as
/// JSON.
std::string data_text(const Dataset& dataset);
nlohmann::ordered_json data_json(const Dataset& dataset);

}  // namespace nnrun
