#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/one_split.h"
#include "nnrun/data.h"

namespace nnrun {

/// The data set of type `image_folder`: `train_dir` and `test_dir` hold one folder per class
/// (classes are numbered by name, as the training folder has them) with PNG, JPEG and BMP files,
/// also in folders below it, taken by their paths and resized to `size`. Hidden files and folders
/// are passed over; so are other kinds of files, which the log tells. `hash` stays empty.
Dataset load_image_folder(const DataConfig& config, const std::filesystem::path& data_dir,
                          int64_t seed);

/// The pictures of the folder `split` alone, labelled by the names of a run's `classes`; folders
/// with other names are refused.
OneSplit read_image_folder(const DataConfig& config, const std::filesystem::path& data_dir,
                           const std::string& split, const std::vector<std::string>& classes);

}  // namespace nnrun
