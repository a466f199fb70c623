#include "store/checkpoint.h"

#include <algorithm>
#include <stdexcept>

#include "nnrun/files.h"
#include "nnrun/format.h"
#include "nnrun/store.h"
#include "store/json_text.h"
#include "store/metrics_csv.h"
#include "store/seal.h"

namespace nnrun {
namespace {

constexpr int64_t kFormat = 1;
constexpr const char* kFormatKey = "nnrun_format";
constexpr const char* kFormerConfigKey = "former_config_hash";  // only while a run is extended
/// How each checkpoint's header begins; the seal's digits follow.
constexpr std::string_view kHeaderStart = R"({"__metadata__":{"header_sha256":")";
constexpr size_t kSealAt = kLengthBytes + kHeaderStart.size();

std::vector<const Tensor*> sorted_by_name(const Tensors& tensors) {
  std::vector<const Tensor*> sorted;
  for (const Tensor& tensor : tensors) sorted.push_back(&tensor);
  const auto name_less = [](const Tensor* a, const Tensor* b) { return a->name < b->name; };
  std::sort(sorted.begin(), sorted.end(), name_less);
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i]->name == sorted[i - 1]->name) {
      throw std::logic_error("two tensors named " + sorted[i]->name);
    }
  }
  return sorted;
}

std::string tensor_hashes(const std::vector<const Tensor*>& tensors) {
  nlohmann::json hashes = nlohmann::json::object();
  for (const Tensor* tensor : tensors) hashes[tensor->name] = sha256(bytes_of(*tensor));
  return hashes.dump();
}

/// Safetensors' metadata maps strings to strings, so numbers stand as text.
nlohmann::ordered_json metadata_of(const Checkpoint& checkpoint,
                                   const std::vector<const Tensor*>& tensors) {
  nlohmann::ordered_json metadata{{"header_sha256", std::string(kSealDigits, '0')},
                                  {kFormatKey, std::to_string(kFormat)},
                                  {"tensor_sha256", tensor_hashes(tensors)},
                                  {"metrics", metrics_csv(checkpoint.rows)},
                                  {"timing", timing_csv(checkpoint.timings)},
                                  {"loop_state", checkpoint.loop_state},
                                  {"updates", std::to_string(checkpoint.updates)},
                                  {"config_hash", checkpoint.config_hash},
                                  {"data_hash", checkpoint.data_hash},
                                  {"exact", checkpoint.exact ? "true" : "false"}};
  if (!checkpoint.former_config_hash.empty())
    metadata[kFormerConfigKey] = checkpoint.former_config_hash;
  return metadata;
}

/// Members of the metadata; a missing one is damage.
class Metadata {
 public:
  Metadata(const Safetensors& parsed, const std::string& file)
      : members_(parsed.metadata), file_(file) {}

  const std::string& text(const char* key) const {
    const auto member = members_.find(key);
    if (member == members_.end()) damaged(file_, std::string("no \"") + key + "\" in the metadata");
    return member->second;
  }
  int64_t integer(const char* key) const {
    const std::optional<int64_t> value = parse_int(text(key));
    if (!value) damaged(file_, std::string("\"") + key + "\" in the metadata is no number");
    return *value;
  }

 private:
  const std::map<std::string, std::string>& members_;
  const std::string& file_;
};

void check_format(const Metadata& metadata, const std::string& file) {
  const int64_t format = metadata.integer(kFormatKey);
  if (format == kFormat) return;
  Problem problem;
  problem.file = file;
  problem.message = "checkpoint of a format this nnrun does not know (got " +
                    std::to_string(format) + ", expected " + std::to_string(kFormat) + ")" +
                    (format > kFormat ? ": a newer nnrun wrote it" : "");
  throw StoreError({problem});
}

}  // namespace

bool is_checkpoint(const Safetensors& file) { return file.metadata.contains(kFormatKey); }

void check_hashes(const Safetensors& parsed, const std::string& file) {
  const Metadata metadata(parsed, file);
  check_format(metadata, file);
  if (parsed.head.substr(kLengthBytes, kHeaderStart.size()) != kHeaderStart ||
      !seal_holds(parsed.head, kSealAt)) {
    damaged(file, "the header does not match its hash");
  }
  const auto hashes = read_json(
      metadata.text("tensor_sha256"), file,
      [](const nlohmann::json& json) { return json.get<std::map<std::string, std::string>>(); });
  for (const SafetensorsEntry& entry : parsed.entries) {
    const auto hash = hashes.find(entry.name);
    if (hash == hashes.end() || hash->second != sha256(entry.bytes)) {
      damaged(file, "tensor \"" + escaped(entry.name) + "\" does not match its hash");
    }
  }
}

std::vector<std::string_view> EncodedCheckpoint::pieces() const& {
  std::vector<std::string_view> pieces{head};
  pieces.insert(pieces.end(), tensors.begin(), tensors.end());
  return pieces;
}

EncodedCheckpoint encode_checkpoint(const Checkpoint& checkpoint) {
  const std::vector<const Tensor*> tensors = sorted_by_name(checkpoint.tensors);
  EncodedCheckpoint encoded{safetensors_head(tensors, metadata_of(checkpoint, tensors)), {}};
  encoded.head.replace(kSealAt, kSealDigits, seal_of(encoded.head, kSealAt));
  for (const Tensor* tensor : tensors) encoded.tensors.push_back(bytes_of(*tensor));
  return encoded;
}

Safetensors check_checkpoint(std::string_view bytes, const std::string& file) {
  Safetensors parsed = parse_safetensors(bytes, file);
  if (!is_checkpoint(parsed)) damaged(file, "no checkpoint of nnrun");
  check_hashes(parsed, file);
  return parsed;
}

Checkpoint decode_checkpoint(const std::string& bytes, const std::string& file) {
  const Safetensors parsed = check_checkpoint(bytes, file);
  const Metadata metadata(parsed, file);
  Checkpoint checkpoint;
  for (const SafetensorsEntry& entry : parsed.entries) {
    checkpoint.tensors.push_back(to_tensor(entry, entry.name, file));
  }
  checkpoint.rows = parse_metrics_csv(metadata.text("metrics"), file);
  checkpoint.timings = parse_timing_csv(metadata.text("timing"), file);
  checkpoint.loop_state = metadata.text("loop_state");
  checkpoint.updates = metadata.integer("updates");
  checkpoint.config_hash = metadata.text("config_hash");
  checkpoint.data_hash = metadata.text("data_hash");
  if (parsed.metadata.contains(kFormerConfigKey))
    checkpoint.former_config_hash = metadata.text(kFormerConfigKey);
  checkpoint.exact = metadata.text("exact") == "true";
  return checkpoint;
}

}  // namespace nnrun
