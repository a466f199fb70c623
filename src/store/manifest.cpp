#include "store/manifest.h"

#include <array>
#include <vector>

#include "base/utf8.h"
#include "store/json_text.h"
#include "store/seal.h"

namespace nnrun {
namespace {

constexpr int64_t kFormat = 1;
constexpr const char* kVocabularyHash = "vocabulary_sha256";

struct TextMember {
  const char* key;
  std::string Manifest::*value;
};
constexpr std::array<TextMember, 8> kTexts{{{"nnrun_version", &Manifest::nnrun_version},
                                            {"revision", &Manifest::revision},
                                            {"torch_version", &Manifest::torch_version},
                                            {"device", &Manifest::device},
                                            {"cpu_capability", &Manifest::cpu_capability},
                                            {"data_hash", &Manifest::data_hash},
                                            {"config_sha256", &Manifest::config_sha256},
                                            {"created", &Manifest::created}}};

/// A string; the list of its bytes for a path that is no UTF-8.
nlohmann::ordered_json path_json(const std::string& path) {
  if (is_utf8(path)) return path;
  return std::vector<uint8_t>(path.begin(), path.end());
}

std::string path_of(const nlohmann::json& json) {
  if (json.is_string()) return json.get<std::string>();
  const auto bytes = json.get<std::vector<uint8_t>>();
  return {bytes.begin(), bytes.end()};
}

Manifest manifest_of(const nlohmann::json& json) {
  Manifest manifest;
  for (const TextMember& member : kTexts) {
    manifest.*member.value = json.at(member.key).get<std::string>();
  }
  manifest.data_dir = path_of(json.at("data_dir"));
  manifest.threads = json.at("threads").get<int>();
  for (const nlohmann::json& name : json.at("class_names"))
    manifest.class_names.push_back(path_of(name));
  manifest.val_examples = json.value("val_examples", int64_t{0});
  manifest.vocabulary_sha256 = json.value(kVocabularyHash, "");
  for (const nlohmann::json& file : json.at("files")) {
    manifest.files.push_back({path_of(file.at("path")), file.at("bytes").get<int64_t>(),
                              file.at("sha256").get<std::string>()});
  }
  return manifest;
}

void check_format(const nlohmann::json& json, const std::string& file) {
  const auto format = json.at("format").get<int64_t>();
  if (format <= kFormat) return;
  Problem problem;
  problem.file = file;
  problem.message = "run directory of a newer format (got " + std::to_string(format) +
                    ", expected at most " + std::to_string(kFormat) + "): a newer nnrun made it";
  throw StoreError({problem});
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  nlohmann::ordered_json json{{"format", kFormat}};
  for (const TextMember& member : kTexts) json[member.key] = manifest.*member.value;
  json["data_dir"] = path_json(manifest.data_dir);
  json["threads"] = manifest.threads;
  json["class_names"] = nlohmann::ordered_json::array();
  for (const std::string& name : manifest.class_names)  // of folders, perhaps
    json["class_names"].push_back(path_json(name));
  json["val_examples"] = manifest.val_examples;
  if (!manifest.vocabulary_sha256.empty()) json[kVocabularyHash] = manifest.vocabulary_sha256;
  json["files"] = nlohmann::ordered_json::array();
  for (const DataFile& file : manifest.files) {
    json["files"].push_back(
        {{"path", path_json(file.path)}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  }
  return sealed_json(json);
}

Manifest parse_manifest(const std::string& text, const std::string& file) {
  return read_json(text, file, [&](const nlohmann::json& json) {
    check_format(json, file);
    check_sealed_json(text, file);
    return manifest_of(json);
  });
}

}  // namespace nnrun
