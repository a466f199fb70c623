#pragma once

#include <string_view>

#include "data/problems.h"
#include "data/text_dataset.h"

namespace nnrun {

/// Reads the labelled texts of a CSV file's content into `texts`, which is empty; `config` names
/// the columns and the number of classes. Faults go to `problems`, with `file` in front.
void read_texts(const std::string& file, const std::string& bytes, const DataConfig& config,
                Texts& texts, DataProblems& problems);

/// The data set of type `text_csv`; `hash` stays empty.
Dataset load_text_csv(const DataConfig& config, const std::filesystem::path& data_dir,
                      int64_t seed);

}  // namespace nnrun
