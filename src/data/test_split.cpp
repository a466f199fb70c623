#include "data/test_split.h"

#include <string>
#include <utility>
#include <vector>

#include "data/cifar.h"
#include "data/selection.h"
#include "data/source.h"
#include "data/text_csv.h"
#include "data/text_dataset.h"

namespace nnrun {
namespace {

constexpr int64_t kCifarClasses = 10;

/// Indices of the test examples that take part.
std::vector<int64_t> chosen_of(DataConfig config, const std::vector<int32_t>& labels,
                               int64_t classes) {
  config.train_per_class.reset();
  config.limit.train.reset();
  config.validation_fraction.reset();
  return select_examples(config, /*train_labels=*/{}, labels, classes, /*seed=*/0).test;
}

TestSplit cifar_test(const DataConfig& config, const std::filesystem::path& data_dir) {
  const std::vector<std::string> names = below(config.path, config.test_files);
  DataProblems problems;
  const std::vector<Source> sources = read_sources(data_dir, names, problems);
  const Examples all = decode_all(sources, names, config.pixel_order, problems);
  problems.throw_if_any();
  return {take(all, chosen_of(config, all.labels, kCifarClasses)), facts_of(sources)};
}

TestSplit text_test(const DataConfig& config, const std::filesystem::path& data_dir,
                    const Vocabulary& vocabulary) {
  DataProblems problems;
  const std::vector<Source> sources = read_sources(data_dir, {config.test_file}, problems);
  problems.throw_if_any();
  Texts all;
  read_texts(sources[0].path, sources[0].bytes, config, all, problems);
  problems.throw_if_any();
  std::vector<std::string> texts;
  std::vector<int32_t> labels;
  for (const int64_t i : chosen_of(config, all.labels, config.classes)) {
    texts.push_back(all.texts[static_cast<size_t>(i)]);
    labels.push_back(all.labels[static_cast<size_t>(i)]);
  }
  Examples examples = encode_texts(texts, config, vocabulary);
  examples.labels = std::move(labels);
  return {std::move(examples), facts_of(sources)};
}

}  // namespace

std::optional<TestSplit> load_test_split(const DataConfig& config,
                                         const std::filesystem::path& data_dir,
                                         const Vocabulary& vocabulary) {
  if (config.type == DataType::kCifar10) return cifar_test(config, data_dir);
  if (config.type == DataType::kTextCsv) return text_test(config, data_dir, vocabulary);
  return std::nullopt;
}

}  // namespace nnrun
