#include "config/source.h"

#include <algorithm>

#include "config/path.h"
#include "config/swept_pointer.h"

namespace nnrun {
namespace {

/// Place of one of PATH's words?
bool is_path_word(const Source& source, JsonPlace place) {
  return source.is_option() && place.line == 1 && place.column <= std::ssize(source.path);
}

/// File and line, or option; no pointer.
Problem unnamed(const Sources& sources, JsonPlace place) {
  const Source& source = sources[static_cast<size_t>(place.source)];
  Problem problem;
  problem.option = source.option;
  if (source.is_option()) return problem;
  problem.file = source.file;
  problem.line = place.line;
  problem.column = place.column;
  return problem;
}

std::string replaced(std::vector<std::string> path, size_t index, const std::string& word) {
  path[index] = word;
  return join_path(path);
}

}  // namespace

std::string pointer_of(const Sources& sources, JsonPlace place) {
  const Source& source = sources[static_cast<size_t>(place.source)];
  if (is_path_word(source, place)) return source.pointers[static_cast<size_t>(place.column - 1)];
  const std::string start = source.pointers.empty() ? "" : source.pointers.back();
  return start + pointer_at(source.document, place);
}

Problem problem_of(const Sources& sources, JsonPlace place) {
  Problem problem = unnamed(sources, place);
  problem.pointer = pointer_of(sources, place);
  return problem;
}

bool is_laid_over(const Sources& sources, JsonPlace place) {
  return sources[static_cast<size_t>(place.source)].is_option() ||
         pointer_of(sources, place).starts_with(kSweptPointers);
}

bool is_of_child(const Sources& sources, JsonPlace place) {
  const Source& source = sources[static_cast<size_t>(place.source)];
  return !source.is_option() && source.document.find("extends") != nullptr;
}

bool is_whole_value(const Sources& sources, JsonPlace place) {
  const Source& source = sources[static_cast<size_t>(place.source)];
  return source.is_option() && place == source.document.at;
}

std::string absolute_path(const Sources& sources, const JsonValue& reference) {
  const Source& source = sources[static_cast<size_t>(reference.at.source)];
  return (source.folder / reference.text).lexically_normal().string();
}

std::string key_suggestion(const Sources& sources, JsonPlace place, const std::string& key,
                           const std::string& suggestion) {
  const Source& source = sources[static_cast<size_t>(place.source)];
  if (suggestion.empty()) return "";
  if (is_path_word(source, place)) {
    return replaced(source.path, static_cast<size_t>(place.column - 1), suggestion);
  }
  std::vector<std::string> path = split_pointer(pointer_of(sources, place));
  if (source.is_option()) {
    std::vector<std::string> inside = split_pointer(pointer_at(source.document, place));
    inside.back() = suggestion;
    return join_path(source.path) + "." + join_path(inside);
  }
  const bool names_path =
      path.size() == 3 && pointer_of(sources, place).starts_with(kSweptPointers);
  if (!names_path) return suggestion;
  const std::vector<std::string> words = split_path(path.back());
  const auto last = std::find(words.rbegin(), words.rend(), key);
  if (last == words.rend()) return suggestion;
  return replaced(words, static_cast<size_t>(words.rend() - last - 1), suggestion);
}

void Report::add(JsonPlace place, const std::string& message, const std::string& suggestion) {
  Problem problem = problem_of(sources_, place);
  problem.message = message;
  problem.suggestion = suggestion;
  add(place, std::move(problem));
}

void Report::add_missing(JsonPlace object, const std::vector<std::string>& keys) {
  Problem problem = problem_of(sources_, object);
  for (const std::string& key : keys) problem.pointer = join_pointer(problem.pointer, key);
  problem.message = "missing key \"" + join_path(keys) + "\"";
  add(object, std::move(problem));
}

void Report::add(const JsonFault& fault) {
  const Source& source = sources_[static_cast<size_t>(fault.at.source)];
  Problem problem = unnamed(sources_, fault.at);
  problem.pointer = (source.pointers.empty() ? "" : source.pointers.back()) + fault.pointer;
  problem.message = fault.message;
  add(fault.at, std::move(problem));
}

void Report::add(JsonPlace place, Problem problem) {
  const bool is_told = told_once_.contains(place) &&
                       std::ranges::find(entries_, place, &Entry::place) != entries_.end();
  if (is_told || !seen_.emplace(place, problem.pointer, problem.message).second) return;
  entries_.push_back({place, std::move(problem)});
}

std::vector<Problem> Report::problems() const {
  std::vector<Entry> sorted = entries_;
  std::ranges::stable_sort(sorted, {}, &Entry::place);
  std::vector<Problem> result;
  for (Entry& entry : sorted) result.push_back(std::move(entry.problem));
  return result;
}

void Report::throw_if_any() const {
  if (!entries_.empty()) throw ConfigError(problems());
}

std::string in_quotes(const std::string& text) {
  constexpr size_t kLongest = 60;
  if (text.size() <= kLongest) return "\"" + escaped(text) + "\"";
  size_t end = kLongest;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;  // not inside a UTF-8 character
  return "\"" + escaped(text.substr(0, end)) + "…\"";
}

std::string got(const JsonValue& value) {
  constexpr size_t kLongest = 40;
  switch (value.kind) {
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBool:
      return value.truth ? "true" : "false";
    case JsonKind::kNumber:
      return value.text.size() > kLongest ? value.text.substr(0, kLongest) + "…" : value.text;
    case JsonKind::kString:
      return in_quotes(value.text);
    case JsonKind::kArray:
      return "an array";
    case JsonKind::kObject:
      return "an object";
  }
  return "";
}

std::string mismatch(const std::string& what, const std::string& got, const std::string& expected) {
  return what + " (got " + got + ", expected " + expected + ")";
}

std::string alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += in_quotes(names[i]);
  }
  return text;
}

}  // namespace nnrun
