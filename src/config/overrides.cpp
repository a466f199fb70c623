#include "config/overrides.h"

#include <algorithm>

#include "base/utf8.h"

namespace nnrun {
namespace {

class OverrideReader {
 public:
  OverrideReader(Sources& sources, Report& report) : sources_(sources), report_(report) {}

  /// `option` as typed, with the PATH=VALUE it stands for.
  void add(const std::string& option, const std::string& text) {
    Source source;
    source.option = option;
    source.folder = std::filesystem::current_path();
    const size_t equals = text.find('=');
    source.path = split_path(std::string_view(text).substr(0, equals));
    for (const std::string& word : source.path) {
      source.pointers.push_back(
          join_pointer(source.pointers.empty() ? "" : source.pointers.back(), word));
    }
    sources_.push_back(std::move(source));
    const std::string fault =
        equals == std::string::npos ? "malformed option (expected PATH=VALUE)" : path_fault();
    if (fault.empty()) {
      value(text.substr(equals + 1));
    } else {
      whole(fault);
    }
  }

  std::vector<Assignment> take() { return std::move(assignments_); }

 private:
  int32_t index() const { return static_cast<int32_t>(sources_.size() - 1); }

  void whole(const std::string& message) {
    Problem problem;
    problem.option = sources_.back().option;
    problem.message = message;
    report_.add(JsonPlace{index(), 0, 0}, problem);
  }

  std::string path_fault() const {
    const Path& path = sources_.back().path;
    const bool has_gap = std::ranges::find(path, "") != path.end();
    if (has_gap || path.size() > kJsonLevels)
      return "malformed path (expected keys joined by points)";
    if (path[0] == "extends") return "\"extends\" cannot be set (expected in the file)";
    return "";
  }

  /// JSON, or else a string.
  void value(const std::string& text) {
    Source& source = sources_.back();
    const auto words = static_cast<int32_t>(source.path.size());
    std::vector<JsonFault> faults;
    std::optional<JsonValue> parsed = parse_json(text, {index(), 1, words + 1}, faults);
    if (!parsed) {
      faults.clear();
      parsed.emplace();
      parsed->kind = JsonKind::kString;
      parsed->at = {index(), 1, words + 1};
      parsed->text = text;
    }
    if (!is_utf8(text)) return whole("invalid UTF-8 in the value");
    source.document = *parsed;
    for (const JsonFault& fault : faults) report_.add(fault);
    Assignment assignment{source.path, {}, std::move(*parsed)};
    for (int32_t i = 1; i <= words; ++i) assignment.word_at.push_back({index(), 1, i});
    assignments_.push_back(std::move(assignment));
  }

  Sources& sources_;
  Report& report_;
  std::vector<Assignment> assignments_;
};

}  // namespace

std::vector<Assignment> read_overrides(const Overrides& overrides, Sources& sources,
                                       Report& report) {
  OverrideReader reader(sources, report);
  for (const std::string& set : overrides.set) reader.add("--set " + set, set);
  const auto number = [&](const std::string& key, const std::optional<int64_t>& value) {
    if (value)
      reader.add("--" + key + " " + std::to_string(*value), key + "=" + std::to_string(*value));
  };
  number("seed", overrides.seed);
  number("repeats", overrides.repeats);
  return reader.take();
}

}  // namespace nnrun
