#include "data/one_split.h"

#include <utility>

#include "data/cifar.h"
#include "data/image_folder.h"
#include "data/selection.h"
#include "data/source.h"
#include "data/text_csv.h"
#include "data/text_dataset.h"

namespace nnrun {
namespace {

constexpr int64_t kCifarClasses = 10;

bool on_test(const SplitRequest& request) { return request.split == Split::kTest; }

/// Indices of the examples that take part, among those of the split's files.
std::vector<int64_t> chosen_of(DataConfig config, const SplitRequest& request,
                               const std::vector<int32_t>& labels, int64_t classes) {
  (on_test(request) ? config.train_per_class : config.test_per_class).reset();
  (on_test(request) ? config.limit.train : config.limit.test).reset();
  if (on_test(request)) config.validation_fraction.reset();
  const std::vector<int32_t> none;
  Selection chosen = select_examples(config, on_test(request) ? none : labels,
                                     on_test(request) ? labels : none, classes, request.seed);
  if (on_test(request)) return std::move(chosen.test);
  return std::move(request.split == Split::kTrain ? chosen.train : chosen.validation);
}

OneSplit cifar_split(const DataConfig& config, const std::filesystem::path& data_dir,
                     const SplitRequest& request) {
  const std::vector<std::string> names =
      below(config.path, on_test(request) ? config.test_files : config.train_files);
  const std::vector<Source> sources = read_cifar_sources(data_dir, names);
  const Examples all = decode_all(sources, names, config.pixel_order);
  return {take(all, chosen_of(config, request, all.labels, kCifarClasses)), facts_of(sources)};
}

OneSplit folder_split(const DataConfig& config, const std::filesystem::path& data_dir,
                      const SplitRequest& request) {
  OneSplit read = read_image_folder(
      config, data_dir, on_test(request) ? config.test_dir : config.train_dir, request.class_names);
  const auto classes = static_cast<int64_t>(request.class_names.size());
  const auto chosen = chosen_of(config, request, read.examples.labels, classes);
  read.examples = take(std::move(read.examples), chosen);
  return read;
}

OneSplit text_split(const DataConfig& config, const std::filesystem::path& data_dir,
                    const SplitRequest& request) {
  DataProblems problems;
  const std::vector<Source> sources =
      read_sources(data_dir, {on_test(request) ? config.test_file : config.train_file}, problems);
  problems.throw_if_any();
  Texts all;
  read_texts(sources[0].path, sources[0].bytes, config, all, problems);
  problems.throw_if_any();
  std::vector<std::string> texts;
  std::vector<int32_t> labels;
  for (const int64_t i : chosen_of(config, request, all.labels, config.classes)) {
    texts.push_back(all.texts[static_cast<size_t>(i)]);
    labels.push_back(all.labels[static_cast<size_t>(i)]);
  }
  Examples examples = encode_texts(texts, config, request.vocabulary);
  examples.labels = std::move(labels);
  return {std::move(examples), facts_of(sources)};
}

}  // namespace

std::optional<OneSplit> load_split(const DataConfig& config, const std::filesystem::path& data_dir,
                                   const SplitRequest& request) {
  switch (config.type) {
    case DataType::kCifar10:
      return cifar_split(config, data_dir, request);
    case DataType::kTextCsv:
      return text_split(config, data_dir, request);
    case DataType::kImageFolder:
      return folder_split(config, data_dir, request);
    case DataType::kSyntheticImages:
    case DataType::kSyntheticText:
      break;
  }
  return std::nullopt;
}

}  // namespace nnrun
