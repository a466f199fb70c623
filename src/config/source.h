#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/json.h"
#include "nnrun/error.h"

/// Where values come from, and the list of what is wrong with them.
namespace nnrun {

/// A file of the `extends` chain, or an option. JsonPlace::source is its index in Sources.
struct Source {
  std::string file;              ///< as the user named it; "" for an option
  std::string option;            ///< as typed: `--set a.b=3`
  std::filesystem::path folder;  ///< absolute; references inside are relative to it
  JsonValue document;            ///< the whole file, or VALUE
  /// Options: PATH's words, and for each the pointer as it stands in the file. Word i has the place
  /// {source, 1, i + 1}; VALUE begins behind the last one.
  std::vector<std::string> path, pointers;

  bool is_option() const { return !option.empty(); }
};
using Sources = std::vector<Source>;

/// The pointer of a key or value as it stands in its file.
std::string pointer_of(const Sources& sources, JsonPlace place);

/// A problem at `place`, without its message.
Problem problem_of(const Sources& sources, JsonPlace place);

/// Whether what stands at this place was laid over the files, by `--set` or a sweep. Null restores
/// the default there.
bool is_laid_over(const Sources& sources, JsonPlace place);

/// Whether it stands in a file that extends another, which a null takes the value of.
bool is_of_child(const Sources& sources, JsonPlace place);

/// Whether the value at this place is all of an option's VALUE.
bool is_whole_value(const Sources& sources, JsonPlace place);

/// The absolute path of a file that is named relative to whoever names it.
std::string absolute_path(const Sources& sources, const JsonValue& reference);

/// `suggestion` for the unknown `key` at `place`: a full path where the user typed a path.
std::string key_suggestion(const Sources& sources, JsonPlace place, const std::string& key,
                           const std::string& suggestion);

/// Collects problems, each once, in order of their places: files first, from the one named on the
/// command line to its last ancestor, then options as typed.
class Report {
 public:
  explicit Report(const Sources& sources) : sources_(sources) {}

  const Sources& sources() const { return sources_; }
  void add(JsonPlace place, const std::string& message, const std::string& suggestion = "");
  /// A missing key, told at the object that lacks it.
  void add_missing(JsonPlace object, const std::vector<std::string>& keys);
  void add(JsonPlace place, Problem problem);
  void add(const JsonFault& fault);

  /// From now on the first problem at `place` stands for all: many values were made from what
  /// stands there.
  void tell_once(JsonPlace place) { told_once_.insert(place); }

  size_t size() const { return entries_.size(); }
  std::vector<Problem> problems() const;
  void throw_if_any() const;  ///< ConfigError with all problems

 private:
  struct Entry {
    JsonPlace place;
    Problem problem;
  };
  const Sources& sources_;
  std::vector<Entry> entries_;
  std::set<std::tuple<JsonPlace, std::string, std::string>> seen_;  // place, pointer, message
  std::set<JsonPlace> told_once_;
};

/// A short form of a value for messages: `"5"` with its kind, `1.5`, `true`, `an array`.
std::string got(const JsonValue& value);

/// `what (got X, expected Y)`.
std::string mismatch(const std::string& what, const std::string& got, const std::string& expected);

/// `"a", "b" or "c"`.
std::string alternatives(const std::vector<std::string>& names);

/// Escaped, in double quotes, at most about 60 characters.
std::string in_quotes(const std::string& text);

}  // namespace nnrun
