#include "config/chain.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "config/locate.h"
#include "config/merge.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostFiles = 32;

/// Why these bytes cannot be a config at all; "" when they may be one.
std::string file_fault(const std::string& bytes, size_t most_bytes) {
  if (bytes.empty()) return "empty file (expected a JSON object)";
  if (bytes.size() > most_bytes)
    return "config too large (expected at most " + std::to_string(most_bytes >> 20) + " MiB)";
  if (bytes.starts_with("\x1F\x8B")) return "gzip file (expected JSON text)";
  if (bytes.starts_with("PK\x03\x04")) return "zip file (expected JSON text)";
  const bool is_pickle = bytes.size() > 1 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5;
  if (is_pickle) return "Python pickle (expected JSON text)";
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
    return "UTF-16 text (expected UTF-8)";
  const size_t text = bytes.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const bool is_blank = bytes.find_first_not_of(" \t\r\n", text) == std::string::npos;
  return is_blank ? "empty file (expected a JSON object)" : "";
}

/// Of a file that is too large no more than tells so.
std::string read_config(const fs::path& file, size_t most_bytes) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (!error && size > most_bytes) return std::string(most_bytes + 1, ' ');
  return read_file(file, kMostResolvedBytes);
}

/// The same for all names of one file.
fs::path identity(const fs::path& file) {
  std::error_code error;
  const fs::path canonical = fs::canonical(file, error);
  return error ? fs::absolute(file) : canonical;
}

Source source_of(const fs::path& file) {
  Source source;
  source.file = file.string();
  source.folder = fs::absolute(file).lexically_normal().parent_path();
  return source;
}

/// One after the other, from child to parent.
class ChainReader {
 public:
  ChainReader(const fs::path& shipped, Sources& sources, Report& report)
      : shipped_(shipped), sources_(sources), report_(report) {}

  bool read(const ChainStart& start) {
    std::string bytes = read_config(start.file, start.most_bytes);
    bool is_whole = add(start.file, bytes, start.most_bytes);
    while (is_whole) {
      const JsonMember* extends = sources_.back().document.find("extends");
      if (extends == nullptr) return true;
      const std::optional<fs::path> parent = parent_of(extends->value);
      if (!parent || !read_parent(*parent, extends->value, bytes)) return false;
      is_whole = add(*parent, bytes, kMostConfigBytes);
    }
    return false;
  }

 private:
  bool add(const fs::path& file, const std::string& bytes, size_t most_bytes) {
    seen_.push_back(identity(file));
    sources_.push_back(source_of(file));
    Problem whole;
    whole.file = sources_.back().file;
    whole.message = file_fault(bytes, most_bytes);
    const auto index = static_cast<int32_t>(sources_.size() - 1);
    if (whole.message.empty()) return parse(bytes, index);
    report_.add(JsonPlace{index, 0, 0}, whole);
    return false;
  }

  /// False: it is no JSON object.
  bool parse(const std::string& bytes, int32_t index) {
    std::vector<JsonFault> faults;
    std::optional<JsonValue> root = parse_json(bytes, {index, 1, 1}, faults);
    for (const JsonFault& fault : faults) report_.add(fault);
    if (!root) return false;
    const JsonValue& document = sources_.back().document = std::move(*root);
    if (document.is(JsonKind::kObject)) return true;
    report_.add(document.at, mismatch("wrong type", got(document), "an object"));
    return false;
  }

  std::optional<fs::path> parent_of(const JsonValue& value) {
    if (!value.is(JsonKind::kString)) {
      report_.add(value.at, mismatch("wrong type", got(value), "the name of a file"));
      return std::nullopt;
    }
    const fs::path folder = fs::path(sources_.back().file).parent_path();
    const fs::path found = locate(value.text, folder, shipped_).lexically_normal();
    if (found.empty()) {
      report_.add(
          value.at,
          mismatch("no such file to extend", in_quotes(value.text), "a file or a shipped config"),
          nearest_config(value.text, folder, shipped_));
      return std::nullopt;
    }
    if (std::ranges::find(seen_, identity(found)) != seen_.end()) {
      report_.add(value.at, "this file extends itself through " + in_quotes(value.text));
      return std::nullopt;
    }
    if (sources_.size() == kMostFiles) {
      report_.add(value.at,
                  "chain too long (expected at most " + std::to_string(kMostFiles) + " files)");
      return std::nullopt;
    }
    return found;
  }

  bool read_parent(const fs::path& parent, const JsonValue& value, std::string& bytes) {
    try {
      bytes = read_config(parent, kMostConfigBytes);
      return true;
    } catch (const EnvironmentError& error) {
      report_.add(value.at, "cannot extend " + in_quotes(value.text) + ": " +
                                error.problems().front().message);
      return false;
    }
  }

  const fs::path& shipped_;
  Sources& sources_;
  Report& report_;
  std::vector<fs::path> seen_;
};

}  // namespace

bool read_chain(const ChainStart& start, const fs::path& shipped, Sources& sources,
                Report& report) {
  return ChainReader(shipped, sources, report).read(start);
}

JsonValue merge_chain(const Sources& sources, Report& report) {
  JsonValue merged;
  bool is_first = true;
  for (auto source = sources.rbegin(); source != sources.rend(); ++source) {
    if (source->is_option()) continue;
    if (std::exchange(is_first, false)) {
      merged = source->document;
      continue;
    }
    merged.erase("name");
    merge_child(merged, source->document, report);
  }
  merged.erase("extends");
  merged.erase("$schema");
  return merged;
}

}  // namespace nnrun
