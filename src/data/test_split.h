#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "nnrun/data.h"

namespace nnrun {

/// A test split and the files it was read from.
struct TestSplit {
  Examples examples;
  std::vector<DataFile> files;
};

/// The test split alone, encoded with the `vocabulary` of a run: a run is evaluated without its
/// training files. nullopt for types whose test split cannot be read without the training split.
/// Throws as load_dataset.
std::optional<TestSplit> load_test_split(const DataConfig& config,
                                         const std::filesystem::path& data_dir,
                                         const Vocabulary& vocabulary);

}  // namespace nnrun
