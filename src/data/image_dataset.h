#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "nnrun/data.h"

namespace nnrun {

/// Both splits of an image data set as read, before any selection.
struct ImageSplits {
  Examples train, test;
  std::array<int64_t, 3> shape{};  ///< channels, height, width
  int64_t classes = 0;
  std::vector<std::string> class_names;  ///< may be empty
};

/// Applies the selection of `config` and describes the input. `files` and `hash` stay empty.
Dataset image_dataset(const DataConfig& config, ImageSplits&& splits, int64_t seed);

}  // namespace nnrun
