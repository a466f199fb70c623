#include "nnrun/error.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace nnrun {
namespace {

/// Everything before the message, with its ": " separators.
std::string place_of(const Problem& problem) {
  std::string place;
  if (!problem.option.empty()) place += escaped(problem.option) + ": ";
  if (!problem.file.empty()) {
    place += escaped(problem.file);
    if (problem.line > 0) {
      place += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
    }
    place += ": ";
  }
  if (problem.record) {
    place += "record " + std::to_string(*problem.record);
    if (problem.byte) place += " (byte " + std::to_string(*problem.byte) + ")";
    place += ": ";
  }
  if (!problem.pointer.empty()) place += escaped(problem.pointer) + ": ";
  return place;
}

std::string joined(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) text += (text.empty() ? "" : "\n") + to_text(problem);
  return text;
}

std::vector<Problem> only(const std::string& message) {
  Problem problem;
  problem.message = message;
  return {problem};
}

std::string escape_of(char byte) {
  switch (byte) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    default:
      break;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  return {'\\', 'x', kDigits[value >> 4], kDigits[value & 15]};
}

/// Unicode's marks without a shape of their own: zero-width space, direction, line and paragraph,
/// byte order. `character`: three bytes.
bool is_invisible(std::string_view character) {
  const auto in = [&](std::string_view first, std::string_view last) {
    return character >= first && character <= last;
  };
  return character == "\u200b" || in("\u200e", "\u200f") || in("\u2028", "\u202e") ||
         in("\u2060", "\u206f") || character == "\ufeff";
}

/// Characters that print as themselves: no quote, no C0 or C1 control, nothing that cannot be seen.
bool is_plain(std::string_view character) {
  if (character.size() == 3) return !is_invisible(character);
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first >= 0x20 && first != 0x7F && first != '"' && first != '\\';
  return !(first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0);
}

/// Optimal string alignment: edits are insert, delete, replace and swap of neighbours.
size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last, last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last = std::exchange(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string to_text(const Problem& problem) {
  std::string text = place_of(problem) + problem.message;
  if (!problem.suggestion.empty())
    text += "; did you mean \"" + escaped(problem.suggestion) + "\"?";
  return text;
}

std::string to_json(const Problem& problem) {
  using Json = nlohmann::ordered_json;
  const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
  const auto position = [](int64_t value) { return value > 0 ? Json(value) : Json(); };
  const auto number = [](const std::optional<int64_t>& value) {
    return value ? Json(*value) : Json();
  };
  const Json line{{"file", text(problem.file)},
                  {"option", text(problem.option)},
                  {"line", position(problem.line)},
                  {"column", position(problem.column)},
                  {"pointer", text(problem.pointer)},
                  {"record", number(problem.record)},
                  {"byte", number(problem.byte)},
                  {"message", problem.message},
                  {"suggestion", text(problem.suggestion)}};
  return line.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

std::string escaped(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const size_t length = std::max<size_t>(utf8_length(bytes), 1);
    const std::string_view character = bytes.substr(0, length);
    if (utf8_length(bytes) > 0 && is_plain(character)) {
      text += character;
    } else {
      for (const char byte : character) text += escape_of(byte);
    }
    bytes.remove_prefix(length);
  }
  return text;
}

std::string nearest(std::string_view typed, const std::vector<std::string>& candidates) {
  size_t allowed = std::max<size_t>(typed.size() / 3, 1);
  std::string best;
  for (const std::string& candidate : candidates) {
    const size_t edits = edits_between(typed, candidate);
    if (edits > allowed || (edits == allowed && !best.empty())) continue;
    allowed = edits;
    best = candidate;
  }
  return best;
}

Error::Error(ExitCode code, std::vector<Problem> problems)
    : std::runtime_error(joined(problems)), code_(code), problems_(std::move(problems)) {}

Error::Error(ExitCode code, const std::string& message) : Error(code, only(message)) {}

}  // namespace nnrun
