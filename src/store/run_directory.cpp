#include "nnrun/files.h"
#include "nnrun/store.h"
#include "store/json_text.h"
#include "store/manifest.h"
#include "store/own_files.h"
#include "store/seal.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOtherThanManifest = "does not match its hash in manifest.json";

/// A file that makes a run a run: without it there is none.
std::string required_file(const fs::path& path) {
  if (is_there(path)) return read_file(path);
  Problem problem;
  problem.file = path.string();
  problem.message = "no such file: the folder is no run directory, or is damaged";
  throw StoreError({problem});
}

Vocabulary parse_vocabulary(const std::string& text, const std::string& file) {
  return read_json(text, file, [&](const nlohmann::json& json) {
    check_sealed_json(text, file);
    return Vocabulary{json.at("entries").get<std::vector<std::string>>()};
  });
}

Summary parse_checked_summary(const std::string& text, const std::string& file) {
  check_sealed_json(text, file);
  return parse_summary(text, file);
}

/// `parse(content, name)` of a file, or nullopt when there is none.
template <typename Parse>
auto if_there(const fs::path& path, Parse parse) -> std::optional<decltype(parse("", ""))> {
  if (!is_there(path)) return std::nullopt;
  return parse(read_file(path), path.string());
}

/// Between the two writes that begin an extension, last.nnr knows the new config already. A damaged
/// one knows nothing.
bool is_in_last_checkpoint(const RunDirectory& run, const std::string& config_hash) {
  try {
    const auto last = run.checkpoint(kLastCheckpoint);
    return last && last->config_hash == config_hash;
  } catch (const StoreError&) {
    return false;
  }
}

}  // namespace

std::string to_json(const Vocabulary& vocabulary) {
  return sealed_json({{"entries", vocabulary.entries}});
}

void RunDirectory::write(const std::string& name, const std::vector<std::string_view>& pieces,
                         Sync sync) const {
  try {
    replace_file(file(name), pieces, sync, check_place_);
  } catch (const EnvironmentError&) {
    check_place_();  // where the folder is lost, that is the reason
    throw;
  }
}

void RunDirectory::remove(const std::string& name) const {
  check_place_();
  remove_file(file(name), Sync::kDurable);
}

void RunDirectory::create(const std::string& resolved_config, const Manifest& manifest) const {
  check_place_();
  make_folders(folder_);
  const RunState before = inspect(folder_);
  const bool is_new = before != RunState::kRun && before != RunState::kParent;
  write(kConfigFile, {resolved_config}, Sync::kDurable);
  try {
    write_manifest(manifest);
  } catch (const Error&) {
    if (is_new) remove(kConfigFile);
    throw;
  }
  remove(kSweepFile);  // of the trials that --overwrite deleted
}

std::string RunDirectory::config_json() const { return required_file(file(kConfigFile)); }

std::string RunDirectory::checked_config() const {
  std::string config = config_json();
  const std::string hash = sha256(config);
  if (hash == manifest().config_sha256 || is_in_last_checkpoint(*this, hash)) return config;
  throw StoreError({at_whole_file(file(kConfigFile), kOtherThanManifest)});
}

Manifest RunDirectory::manifest() const {
  return parse_manifest(required_file(file(kManifestFile)), file(kManifestFile).string());
}

std::optional<Summary> RunDirectory::summary() const {
  return if_there(file(kSummaryFile), parse_checked_summary);
}

std::optional<Vocabulary> RunDirectory::vocabulary() const {
  const fs::path path = file(kVocabularyFile);
  if (!is_there(path)) return std::nullopt;
  const std::string text = read_file(path), expected = manifest().vocabulary_sha256;
  auto vocabulary = parse_vocabulary(text, path.string());
  if (!expected.empty() && sha256(text) != expected)
    throw StoreError({at_whole_file(path, kOtherThanManifest)});
  return vocabulary;
}

std::optional<Checkpoint> RunDirectory::checkpoint(const std::string& name) const {
  return if_there(file(name), decode_checkpoint);
}

bool RunDirectory::done() const { return is_there(file(kDoneFile)); }

bool RunDirectory::is_finished() const {
  if (!done()) return false;
  const auto ended = summary();
  return ended && ended->status == "done";
}

void RunDirectory::write_manifest(const Manifest& manifest) const {
  Manifest complete = manifest;
  complete.config_sha256 = sha256(config_json());
  write(kManifestFile, {to_json(complete)}, Sync::kDurable);
}

void RunDirectory::write_vocabulary(const Vocabulary& vocabulary) const {
  write(kVocabularyFile, {to_json(vocabulary)}, Sync::kDurable);
}

void RunDirectory::write_metrics(const std::vector<EpochRecord>& rows) const {
  write(kMetricsFile, {metrics_csv(rows)}, Sync::kNone);
}

void RunDirectory::write_timing(const std::vector<EpochTiming>& rows) const {
  write(kTimingFile, {timing_csv(rows)}, Sync::kNone);
}

void RunDirectory::write_summary(const Summary& summary) const {
  const bool is_final = summary.status != "running";  // a power cut may then not lose it
  if (is_final) sync_file(file(kMetricsFile));        // nor what it speaks of
  write(kSummaryFile, {to_json(summary)}, is_final ? Sync::kDurable : Sync::kNone);
}

void RunDirectory::write_checkpoint(const std::string& name, const Checkpoint& checkpoint) const {
  const EncodedCheckpoint encoded = encode_checkpoint(checkpoint);
  write(name, encoded.pieces(), Sync::kDurable);
}

void RunDirectory::write_curves(const std::string& svg) const {
  write(kCurvesFile, {svg}, Sync::kNone);
}

void RunDirectory::write_done() const { write(kDoneFile, {""}, Sync::kDurable); }

void RunDirectory::remove_done() const { remove(kDoneFile); }

}  // namespace nnrun
