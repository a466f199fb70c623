#pragma once

#include "data/problems.h"
#include "data/source.h"

namespace nnrun {

/// A label and 3x32x32 pixels.
constexpr int64_t kCifarRecordBytes = 3073;

/// The paths of the files in a folder.
std::vector<std::string> below(const std::string& folder, const std::vector<std::string>& files);

/// The files `names` below `folder`, each once and free of faults. CIFAR-10's binary version is one
/// label byte, 0 to 9, then 3,072 pixel bytes for each record. Source:
/// https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
std::vector<Source> read_cifar_sources(const std::filesystem::path& folder,
                                       const std::vector<std::string>& names);

/// The records of the named sources, one file after the other, as [n, 3, 32, 32]: `planar` takes
/// the pixel bytes as (channel, row, column), as they are meant, `interleaved` the same bytes as
/// (row, column, channel).
Examples decode_all(const std::vector<Source>& sources, const std::vector<std::string>& names,
                    PixelOrder order);

/// The facts of the file `name` below a folder, whose records are checked. Throws as load_dataset.
DataFile check_cifar_file(const std::filesystem::path& folder, const std::string& name);

/// The data set of type `cifar10`; `hash` stays empty.
Dataset load_cifar(const DataConfig& config, const std::filesystem::path& data_dir, int64_t seed);

}  // namespace nnrun
