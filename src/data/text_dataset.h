#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nnrun/data.h"

namespace nnrun {

/// A split of a text data set as read.
struct Texts {
  std::vector<std::string> texts;
  std::vector<int32_t> labels;
};

struct TextSplits {
  Texts train, test;
};

/// Applies the selection of `config`, builds the vocabulary from what remains and encodes all
/// parts. `files` and `hash` stay empty.
Dataset text_dataset(const DataConfig& config, const TextSplits& splits, int64_t seed);

}  // namespace nnrun
