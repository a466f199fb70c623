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

}  // namespace

void decode_cifar(const std::string& path, const std::string& bytes, PixelOrder order,
                  Examples& examples, DataProblems& problems) {
  if (const std::string fault = fault_of(bytes); !fault.empty()) {
    problems.add(at_file(path, fault));
    return;
  }
  const auto count = static_cast<int64_t>(bytes.size()) / kRecord;
  examples.labels.reserve(examples.labels.size() + static_cast<size_t>(count));
  examples.pixels.reserve(examples.pixels.size() + static_cast<size_t>(count * kPixels));
  for (int64_t n = 0; n < count; ++n) {
    const auto* record = reinterpret_cast<const uint8_t*>(bytes.data()) + n * kRecord;
    if (record[0] >= kClasses) {
      problems.add(at_record(
          path, n,
          "the label is out of range (got " + std::to_string(record[0]) + ", expected 0 to 9)"));
    }
    examples.labels.push_back(record[0]);
    append_pixels(record + 1, order, examples.pixels);
  }
}

Examples read_cifar_file(const std::filesystem::path& file, PixelOrder order, int64_t record) {
  const std::string bytes = read_file(file);
  DataProblems problems;
  Examples all;
  decode_cifar(file.string(), bytes, order, all, problems);
  problems.throw_if_any();
  if (record < 0) return all;
  if (record >= all.size()) {
    throw DataError(
        {at_file(file.string(), "there is no such record (got " + grouped(record) +
                                    ", expected 0 to " + grouped(all.size() - 1) + ")")});
  }
  return take(std::move(all), {record});
}

Examples decode_all(const std::vector<Source>& sources, const std::vector<std::string>& names,
                    PixelOrder order, DataProblems& problems) {
  Examples examples;
  for (const std::string& name : names) {
    if (const Source* source = source_named(sources, name))
      decode_cifar(source->path, source->bytes, order, examples, problems);
  }
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
  DataProblems problems;
  const std::vector<Source> sources = read_sources(folder, {name}, problems);
  decode_all(sources, {name}, PixelOrder::kPlanar, problems);
  problems.throw_if_any();
  return sources[0].facts;
}

Dataset load_cifar(const DataConfig& config, const std::filesystem::path& data_dir, int64_t seed) {
  const std::vector<std::string> train = below(config.path, config.train_files);
  const std::vector<std::string> test = below(config.path, config.test_files);
  std::vector<std::string> names = train;
  names.insert(names.end(), test.begin(), test.end());

  DataProblems problems;
  const std::vector<Source> sources = read_sources(data_dir, names, problems);
  ImageSplits splits;
  splits.train = decode_all(sources, train, config.pixel_order, problems);
  splits.test = decode_all(sources, test, config.pixel_order, problems);
  problems.throw_if_any();
  splits.shape = {kChannels, kSide, kSide};
  splits.classes = kClasses;
  splits.class_names = {kClassNames.begin(), kClassNames.end()};
  Dataset set = image_dataset(config, std::move(splits), seed);
  set.files = facts_of(sources);
  return set;
}

}  // namespace nnrun
