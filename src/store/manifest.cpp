#include "store/manifest.h"

#include <array>

#include "store/json_text.h"
#include "store/seal.h"

namespace nnrun {
namespace {

constexpr int64_t kFormat = 1;

struct TextMember {
  const char* key;
  std::string Manifest::*value;
};
constexpr std::array<TextMember, 9> kTexts{{{"nnrun_version", &Manifest::nnrun_version},
                                            {"revision", &Manifest::revision},
                                            {"torch_version", &Manifest::torch_version},
                                            {"device", &Manifest::device},
                                            {"cpu_capability", &Manifest::cpu_capability},
                                            {"data_dir", &Manifest::data_dir},
                                            {"data_hash", &Manifest::data_hash},
                                            {"config_sha256", &Manifest::config_sha256},
                                            {"created", &Manifest::created}}};

Manifest manifest_of(const nlohmann::json& json) {
  Manifest manifest;
  for (const TextMember& member : kTexts) {
    manifest.*member.value = json.at(member.key).get<std::string>();
  }
  manifest.threads = json.at("threads").get<int>();
  json.at("class_names").get_to(manifest.class_names);
  manifest.val_examples = json.value("val_examples", int64_t{0});
  for (const nlohmann::json& file : json.at("files")) {
    manifest.files.push_back({file.at("path").get<std::string>(), file.at("bytes").get<int64_t>(),
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
  json["threads"] = manifest.threads;
  json["class_names"] = manifest.class_names;
  json["val_examples"] = manifest.val_examples;
  json["files"] = nlohmann::ordered_json::array();
  for (const DataFile& file : manifest.files) {
    json["files"].push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
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
