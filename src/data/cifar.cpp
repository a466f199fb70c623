#include "data/cifar.h"

#include <array>
#include <string_view>
#include <utility>

#include "data/image_dataset.h"
#include "data/selection.h"
#include "nnrun/files.h"
#include "nnrun/format.h"

namespace nnrun {
namespace {

constexpr int64_t kSide = 32, kChannels = 3, kPixels = kChannels * kSide * kSide;
constexpr int64_t kRecord = kCifarRecordBytes;
static_assert(kRecord == 1 + kPixels);
constexpr std::array kClassNames{"airplane", "automobile", "bird",  "cat",  "deer",
                                 "dog",      "frog",       "horse", "ship", "truck"};
constexpr auto kClasses = static_cast<int64_t>(kClassNames.size());

Problem at_record(const std::string& path, int64_t record, const std::string& message) {
  Problem problem = at_file(path, message);
  problem.record = record;
  problem.byte = kRecord * record;
  return problem;
}

/// "" when `bytes` can be cut into records.
std::string fault_of(const std::string& bytes) {
  const std::string fault = whole_file_fault(bytes);
  if (!fault.empty() || bytes.size() % kRecord == 0) return fault;
  return "the size is wrong (got " + grouped(static_cast<int64_t>(bytes.size())) +
         " bytes, expected a multiple of 3,073)";
}

void append_pixels(const uint8_t* bytes, PixelOrder order, std::vector<uint8_t>& pixels) {
  if (order == PixelOrder::kPlanar) {
    pixels.insert(pixels.end(), bytes, bytes + kPixels);
    return;
  }
  for (int64_t c = 0; c < kChannels; ++c) {
    for (int64_t k = 0; k < kSide * kSide; ++k) pixels.push_back(bytes[kChannels * k + c]);
  }
}

void check_cifar(const std::string& path, const std::string& bytes, DataProblems& problems) {
  if (const std::string fault = fault_of(bytes); !fault.empty()) {
    problems.add(at_file(path, fault));
    return;
  }
  const auto count = static_cast<int64_t>(bytes.size()) / kRecord;
  for (int64_t n = 0; n < count; ++n) {
    const auto label = static_cast<uint8_t>(bytes[static_cast<size_t>(n * kRecord)]);
    if (label < kClasses) continue;
    problems.add(at_record(
        path, n, "the label is out of range (got " + std::to_string(label) + ", expected 0 to 9)"));
  }
}

/// Appends the records of a file without faults.
void decode_cifar(const std::string& bytes, PixelOrder order, Examples& examples) {
  const auto count = static_cast<int64_t>(bytes.size()) / kRecord;
  examples.labels.reserve(examples.labels.size() + static_cast<size_t>(count));
  examples.pixels.reserve(examples.pixels.size() + static_cast<size_t>(count * kPixels));
  for (int64_t n = 0; n < count; ++n) {
    const auto* record = reinterpret_cast<const uint8_t*>(bytes.data()) + n * kRecord;
    examples.labels.push_back(record[0]);
    append_pixels(record + 1, order, examples.pixels);
  }
}

}  // namespace

Examples read_cifar_file(const std::filesystem::path& file, PixelOrder order, int64_t record) {
  const std::string bytes = read_file(file);
  DataProblems problems;
  check_cifar(file.string(), bytes, problems);
  problems.throw_if_any();
  Examples all;
  decode_cifar(bytes, order, all);
  if (record < 0) return all;
  if (record >= all.size()) {
    throw DataError(
        {at_file(file.string(), "there is no such record (got " + grouped(record) +
                                    ", expected 0 to " + grouped(all.size() - 1) + ")")});
  }
  return take(std::move(all), {record});
}

std::vector<Source> read_cifar_sources(const std::filesystem::path& folder,
                                       const std::vector<std::string>& names) {
  DataProblems problems;
  std::vector<Source> sources = read_sources(folder, names, problems);
  for (const Source& source : sources) check_cifar(source.path, source.bytes, problems);
  problems.throw_if_any();
  return sources;
}

Examples decode_all(const std::vector<Source>& sources, const std::vector<std::string>& names,
                    PixelOrder order) {
  Examples examples;
  for (const std::string& name : names)
    decode_cifar(source_named(sources, name)->bytes, order, examples);
  return examples;
}

std::vector<std::string> below(const std::string& folder, const std::vector<std::string>& files) {
  std::vector<std::string> names;
  for (const std::string& file : files) {
    names.push_back((std::filesystem::path(folder) / file).string());
  }
  return names;
}

DataFile check_cifar_file(const std::filesystem::path& folder, const std::string& name) {
  return read_cifar_sources(folder, {name})[0].facts;
}

Dataset load_cifar(const DataConfig& config, const std::filesystem::path& data_dir, int64_t seed) {
  const std::vector<std::string> train = below(config.path, config.train_files);
  const std::vector<std::string> test = below(config.path, config.test_files);
  std::vector<std::string> names = train;
  names.insert(names.end(), test.begin(), test.end());

  const std::vector<Source> sources = read_cifar_sources(data_dir, names);
  ImageSplits splits;
  splits.train = decode_all(sources, train, config.pixel_order);
  splits.test = decode_all(sources, test, config.pixel_order);
  splits.shape = {kChannels, kSide, kSide};
  splits.classes = kClasses;
  splits.class_names = {kClassNames.begin(), kClassNames.end()};
  Dataset set = image_dataset(config, std::move(splits), seed);
  set.files = facts_of(sources);
  return set;
}

}  // namespace nnrun
