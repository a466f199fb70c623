#include <algorithm>
#include <array>
#include <string_view>
#include <type_traits>

#include "data/cifar.h"
#include "data/image_folder.h"
#include "data/synthetic.h"
#include "data/text_csv.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

using Load = Dataset (*)(const DataConfig&, const std::filesystem::path& data_dir, int64_t seed);

Dataset load_synthetic_images(const DataConfig& config, const std::filesystem::path&,
                              int64_t seed) {
  return make_synthetic_images(config, seed);
}

Dataset load_synthetic_text(const DataConfig& config, const std::filesystem::path&, int64_t seed) {
  return make_synthetic_text(config, seed);
}

struct Reader {
  DataType type;
  Load load;
};
constexpr std::array kReaders{
    Reader{DataType::kCifar10, load_cifar},
    Reader{DataType::kTextCsv, load_text_csv},
    Reader{DataType::kImageFolder, load_image_folder},
    Reader{DataType::kSyntheticImages, load_synthetic_images},
    Reader{DataType::kSyntheticText, load_synthetic_text},
};

/// Size, then values, so that no two sets of arrays give the same bytes.
template <typename T>
void add_array(Sha256& hash, const std::vector<T>& values) {
  static_assert(std::is_integral_v<T>);
  const auto size = static_cast<uint64_t>(values.size());
  hash.add({reinterpret_cast<const char*>(&size), sizeof size});
  hash.add({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}

std::string hash_of(const Dataset& set) {
  Sha256 hash;
  for (const Examples* split : {&set.train, &set.validation, &set.test}) {
    add_array(hash, split->pixels);
    add_array(hash, split->ids);
    add_array(hash, split->lengths);
    add_array(hash, split->extra_ids);
    add_array(hash, split->extra_offsets);
    add_array(hash, split->labels);
  }
  return hash.hex();
}

template <typename T>
void append_row(std::string& line, const std::vector<T>& values, int64_t row, int64_t rows) {
  const auto size = static_cast<int64_t>(values.size()) / rows;
  for (auto value = values.begin() + row * size; value != values.begin() + (row + 1) * size;
       ++value) {
    line += ',';
    line += std::to_string(*value);
  }
}

}  // namespace

const Examples& Dataset::split(Split which) const {
  switch (which) {
    case Split::kTrain:
      return train;
    case Split::kValidation:
      return validation;
    case Split::kTest:
      break;
  }
  return test;
}

Split Dataset::validation_split() const {
  return validation.size() > 0 ? Split::kValidation : Split::kTest;
}

Dataset load_dataset(const DataConfig& config, const std::filesystem::path& data_dir,
                     int64_t seed) {
  const auto* reader = std::find_if(kReaders.begin(), kReaders.end(), [&](const Reader& candidate) {
    return candidate.type == config.type;
  });
  Dataset set = reader->load(config, data_dir, seed);
  set.hash = hash_of(set);
  return set;
}

std::string dump_line(const Examples& examples, int64_t index) {
  std::string line = std::to_string(examples.labels[static_cast<size_t>(index)]);
  append_row(line, examples.pixels, index, examples.size());
  append_row(line, examples.ids, index, examples.size());
  return line;
}

}  // namespace nnrun
