#include "app/facts.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "nnrun/format.h"
#include "report/text_table.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

const std::pair<const char*, Split> kSplits[] = {
    {"train", Split::kTrain}, {"validation", Split::kValidation}, {"test", Split::kTest}};

/// "1000 each", or the smallest and largest count.
std::string balance_text(const std::vector<int64_t>& counts) {
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  if (counts.empty()) return "no classes";
  return *least == *most ? grouped(*least) + " of each class"
                         : grouped(*least) + " to " + grouped(*most) + " of each class";
}

/// A line per file, or per folder where there are many.
std::string files_text(const std::vector<DataFile>& files) {
  constexpr size_t kMostFiles = 20;
  std::string text;
  if (files.size() <= kMostFiles) {
    for (const auto& file : files)
      text += "  " + one_line(file.path) + ": " + grouped(file.bytes) + " bytes, SHA-256 " +
              file.sha256 + "\n";
    return text;
  }
  std::map<std::string, std::pair<int64_t, int64_t>> folders;  // files, bytes
  for (const auto& file : files) {
    auto& [count, bytes] = folders[std::filesystem::path(file.path).parent_path().string()];
    ++count;
    bytes += file.bytes;
  }
  for (const auto& [folder, sums] : folders)
    text += "  " + one_line(folder) + "/: " + counted(sums.first, "file") + ", " +
            grouped(sums.second) + " bytes\n";
  return text;
}

}  // namespace

std::vector<int64_t> class_counts(const Examples& examples, int64_t classes) {
  std::vector<int64_t> counts(static_cast<size_t>(classes), 0);
  for (const int32_t label : examples.labels) ++counts[static_cast<size_t>(label)];
  return counts;
}

std::string class_label(const Dataset& dataset, int64_t index) {
  const auto i = static_cast<size_t>(index);
  return i < dataset.class_names.size() ? dataset.class_names[i] : std::to_string(index);
}

std::string data_text(const Dataset& dataset) {
  std::string text;
  for (const auto& [name, which] : kSplits) {
    const Examples& split = dataset.split(which);
    if (split.size() == 0) continue;
    text += "  " + std::string(name) + ": " + counted(split.size(), "example") + ", " +
            balance_text(class_counts(split, dataset.input.classes)) + "\n";
  }
  text += "  input: " + to_text(dataset.input.shape) + ", " + grouped(dataset.input.classes) +
          " classes\n";
  if (dataset.vocabulary.size() > 0)
    text += "  vocabulary: " + grouped(dataset.vocabulary.size()) + " entries\n";
  return text + files_text(dataset.files) + "  hash: " + dataset.hash + "\n";
}

Json data_json(const Dataset& dataset) {
  Json json{{"input", dataset.input.shape.dims},
            {"classes", dataset.input.classes},
            {"class_names", dataset.class_names}};
  for (const auto& [name, which] : kSplits) {
    const Examples& split = dataset.split(which);
    if (split.size() > 0)
      json[name] = {{"examples", split.size()},
                    {"class_counts", class_counts(split, dataset.input.classes)}};
  }
  if (dataset.vocabulary.size() > 0) json["vocabulary"] = dataset.vocabulary.size();
  json["files"] = Json::array();
  for (const auto& file : dataset.files)
    json["files"].push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  json["hash"] = dataset.hash;
  return json;
}

}  // namespace nnrun
