#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nnrun/config.h"
#include "nnrun/plan.h"

/// Data sets as plain arrays on the host.
namespace nnrun {

/// Examples of one split. Exactly one of `pixels` and `ids` is filled.
struct Examples {
  std::vector<uint8_t> pixels;   ///< [n, C, H, W] bytes, in the order the first layer sees them
  std::vector<int32_t> ids;      ///< [n, L] token ids, padded
  std::vector<int32_t> lengths;  ///< [n] ids before the padding (the end symbol counts)
  std::vector<int32_t> extra_ids;      ///< n-gram ids (vocabulary + hash), all examples one after another
  std::vector<int64_t> extra_offsets;  ///< [n + 1] into extra_ids; empty without n-grams
  std::vector<int32_t> labels;   ///< [n]
  int64_t size() const { return static_cast<int64_t>(labels.size()); }
};

/// Dictionary of a text data set; saved with the run so that later commands need no training data.
struct Vocabulary {
  std::vector<std::string> entries;  ///< id -> symbol or word (words: 0 pad, 1 unknown, 2 end as "<pad>", "<unk>", "<end>")
  int64_t size() const { return static_cast<int64_t>(entries.size()); }
};

/// A file that was read: for the manifest and for refusing other data on resume.
struct DataFile {
  std::string path;    ///< as in the config
  int64_t bytes = 0;
  std::string sha256;
};

enum class Split { kTrain, kValidation, kTest };

/// Training, validation and test data of an experiment. Without validation_fraction `validation` is empty
/// and the test split plays its part.
struct Dataset {
  Examples train, validation, test;
  InputSpec input;
  std::vector<double> mean, std;          ///< per channel; empty: bytes / 255 only
  std::vector<std::string> class_names;   ///< may be empty
  Vocabulary vocabulary;                  ///< text only
  std::vector<DataFile> files;
  std::string hash;                       ///< SHA-256 over the decoded splits: equal data, equal hash

  const Examples& split(Split which) const;
  /// What fills the val_ columns: `validation` if there is one, else `test`.
  Split validation_split() const;
};

/// Reads what `config` asks for below `data_dir`. Throws EnvironmentError for missing files (the message
/// names the command that fetches them) and DataError for content, at FILE:LINE:COL or FILE: record N.
/// `seed` draws validation_fraction and synthetic data.
Dataset load_dataset(const DataConfig& config, const std::filesystem::path& data_dir, int64_t seed);

/// Encodes texts as `load_dataset` would, with a given vocabulary (predict).
Examples encode_texts(const std::vector<std::string>& texts, const DataConfig& config, const Vocabulary& vocabulary);

/// Records of a CIFAR-10 binary file; `record` -1 for all. Throws as load_dataset.
Examples read_cifar_file(const std::filesystem::path& file, PixelOrder order, int64_t record);

/// One line of `nnrun data --dump`: "label,v0,v1,…" without newline.
std::string dump_line(const Examples& examples, int64_t index);

}  // namespace nnrun
