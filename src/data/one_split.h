#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nnrun/data.h"

namespace nnrun {

/// A split, and what a run knows that the split's files alone do not tell.
struct SplitRequest {
  Split split = Split::kTest;
  int64_t seed = 0;                      ///< draws validation_fraction
  Vocabulary vocabulary;                 ///< text only: encodes the examples
  std::vector<std::string> class_names;  ///< folders of images only: numbers the classes
};

/// The examples of one split and the files they were read from.
struct OneSplit {
  Examples examples;
  std::vector<DataFile> files;
};

/// One split of a run's data set, encoded and numbered as the run has it: nothing else need be
/// there, and what else has changed does not matter. nullopt for types that read no files. Throws
/// as load_dataset.
std::optional<OneSplit> load_split(const DataConfig& config, const std::filesystem::path& data_dir,
                                   const SplitRequest& request);

}  // namespace nnrun
