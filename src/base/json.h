#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Strict JSON (RFC 8259) in which every key and value knows where it was written.
namespace nnrun {

/// First byte of a token: line and column from 1, columns in bytes. `source` is the caller's number
/// for the text.
struct JsonPlace {
  int32_t source = 0, line = 1, column = 1;
  friend auto operator<=>(const JsonPlace&, const JsonPlace&) = default;
};

enum class JsonKind { kNull, kBool, kNumber, kString, kArray, kObject };

struct JsonMember;

/// One value; which members count follows from `kind`.
struct JsonValue {
  JsonKind kind = JsonKind::kNull;
  JsonPlace at;
  bool truth = false;               ///< kBool
  std::string text;                 ///< kString: the characters; kNumber: as written
  std::vector<JsonValue> items;     ///< kArray
  std::vector<JsonMember> members;  ///< kObject, in order, all keys different

  bool is(JsonKind which) const { return kind == which; }
  const JsonMember* find(std::string_view key) const;  ///< nullptr: no such key
  JsonMember* find(std::string_view key);
  void erase(std::string_view key);
};

struct JsonMember {
  std::string key;
  JsonPlace key_at;
  JsonValue value;
};

/// What is wrong with a text. Duplicate keys are faults of a text that can be read otherwise.
struct JsonFault {
  JsonPlace at;
  std::string pointer;
  std::string message;
};

constexpr int kJsonLevels = 32;  ///< arrays and objects inside each other

/// Parses `text`, whose first byte stands at `start`. A byte order mark is skipped. Appends faults:
/// one for a syntax error (then the result is empty), one for each repeated key (the first counts).
///   std::vector<JsonFault> faults;
///   const auto root = parse_json(R"({"seed": 7})", {}, faults);
///   root->find("seed")->value.text;  // "7"
std::optional<JsonValue> parse_json(std::string_view text, JsonPlace start,
                                    std::vector<JsonFault>& faults);

/// `pointer` + "/" + `token`, escaped as RFC 6901 asks.
std::string join_pointer(const std::string& pointer, std::string_view token);

/// The tokens of an RFC 6901 pointer: "/a~1b/0" -> {"a/b", "0"}.
std::vector<std::string> split_pointer(std::string_view pointer);

/// The value at `pointer`; nullptr: there is none.
const JsonValue* find_value(const JsonValue& root, std::string_view pointer);

/// Pointer of the key or value of a parsed text that stands at `place`.
std::string pointer_at(const JsonValue& root, JsonPlace place);

/// Exact value of a number's text: "7", "7.0" and "7e0" are 7; nullopt: no integer of 64 bits.
std::optional<int64_t> exact_integer(std::string_view number);

/// Nearest double; an infinity where the number is too large.
double to_double(std::string_view number);

/// Compact JSON; numbers as they were written.
std::string json_text(const JsonValue& value);

/// One text for all spellings of equal content: keys sorted, 1 the same as 1.0.
std::string canonical_json(const JsonValue& value);

}  // namespace nnrun
