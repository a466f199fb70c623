#include <unordered_map>
#include <utility>

#include "base/json.h"
#include "base/utf8.h"
#include "nnrun/error.h"

namespace nnrun {
namespace {

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/// Bytes that end no bare word: what a person meant as one number, name or literal.
bool is_word(char byte) {
  return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         byte == '_' || byte == '.' || byte == '+' || byte == '-';
}

std::string in_quotes(std::string_view bytes) {
  constexpr size_t kLongest = 40;
  return "\"" + escaped(bytes.substr(0, kLongest)) + (bytes.size() > kLongest ? "…" : "") + "\"";
}

/// What is wrong with a number's spelling; "" when it is a JSON number.
std::string number_fault(std::string_view word) {
  size_t at = word[0] == '-' ? 1 : 0;
  const auto digits = [&] {
    const size_t first = at;
    while (at < word.size() && is_digit(word[at])) ++at;
    return at - first;
  };
  const size_t first = at;
  const size_t whole = digits();
  if (whole == 0) return "expected a digit before anything else";
  if (whole > 1 && word[first] == '0') return "expected no leading zero";
  if (at < word.size() && word[at] == '.') {
    ++at;
    if (digits() == 0) return "expected a digit after the point";
  }
  if (at < word.size() && (word[at] == 'e' || word[at] == 'E')) {
    ++at;
    if (at < word.size() && (word[at] == '+' || word[at] == '-')) ++at;
    if (digits() == 0) return "expected a digit in the exponent";
  }
  return at == word.size() ? "" : "expected a decimal number";
}

/// A hint for what people write instead of JSON.
std::string value_hint(std::string_view word) {
  static const std::unordered_map<std::string_view, std::string> kHints{
      {"True", "expected true"},           {"False", "expected false"},
      {"None", "expected null"},           {"NaN", "expected a finite number"},
      {"nan", "expected a finite number"}, {"Infinity", "expected a finite number"},
      {"inf", "expected a finite number"},
  };
  const auto hint = kHints.find(word);
  return hint == kHints.end() ? "expected a value" : hint->second;
}

void append_utf8(std::string& text, uint32_t code) {
  const auto byte = [&](uint32_t value) { text += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6);
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3F));
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

struct SyntaxError {
  JsonPlace at;
  std::string message;
};

struct DuplicateKey {
  JsonPlace at, object;
  std::string key;
  int32_t first_line;
};

/// Recursive descent over one text; the depth is bounded by kJsonLevels.
class JsonParser {
 public:
  JsonParser(std::string_view text, JsonPlace start)
      : text_(text), source_(start.source), line_(start.line), line_offset_(start.column) {
    if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
  }

  JsonValue document() {
    JsonValue root = value("a value");
    skip_space();
    if (!ended()) fail("unexpected " + token() + " after the end of the document");
    return root;
  }

  const std::vector<DuplicateKey>& duplicates() const { return duplicates_; }

 private:
  bool ended() const { return next_ == text_.size(); }
  char peek() const { return ended() ? '\0' : text_[next_]; }
  bool accept(char byte) {
    const bool found = !ended() && text_[next_] == byte;
    if (found) ++next_;
    return found;
  }

  JsonPlace here() const {
    const auto column = static_cast<int64_t>(next_ - line_start_) + line_offset_;
    return {source_, line_, static_cast<int32_t>(column)};
  }

  void skip_space() {
    for (; !ended(); ++next_) {
      const char byte = text_[next_];
      if (byte == '\n') {
        ++line_;
        line_start_ = next_ + 1;
        line_offset_ = 1;
      } else if (byte != ' ' && byte != '\t' && byte != '\r') {
        return;
      }
    }
  }

  [[noreturn]] void fail(const std::string& message) const { throw SyntaxError{here(), message}; }

  std::string_view word() const {
    size_t end = next_;
    while (end < text_.size() && is_word(text_[end])) ++end;
    return text_.substr(next_, end - next_);
  }

  /// The bad token in words.
  std::string token() const {
    if (ended()) return "end of file";
    if (!word().empty()) return "token " + in_quotes(word());
    const std::string_view rest = text_.substr(next_);
    if (rest.starts_with("//") || rest.starts_with("/*") || rest[0] == '#') return "comment";
    const size_t length = utf8_length(rest);
    if (length == 0) return "byte " + in_quotes(rest.substr(0, 1)) + " that is no UTF-8";
    return "character " + in_quotes(rest.substr(0, length));
  }

  [[noreturn]] void fail_expecting(const std::string& expected) const {
    fail("unexpected " + token() + " (expected " + expected + ")");
  }

  JsonValue value(const std::string& expected) {
    skip_space();
    const char byte = peek();
    if (byte == '{') return nested(JsonKind::kObject);
    if (byte == '[') return nested(JsonKind::kArray);
    JsonValue result;
    result.at = here();
    if (byte == '"') {
      result.kind = JsonKind::kString;
      result.text = string();
    } else if (byte == '-' || is_digit(byte)) {
      result.kind = JsonKind::kNumber;
      result.text = number();
    } else {
      literal(result, expected);
    }
    return result;
  }

  void literal(JsonValue& result, const std::string& expected) {
    const std::string_view name = word();
    if (name.empty()) fail_expecting(expected);
    if (name == "true" || name == "false") {
      result.kind = JsonKind::kBool;
      result.truth = name == "true";
    } else if (name != "null") {
      fail("unexpected token " + in_quotes(name) + " (" + value_hint(name) + ")");
    }
    next_ += name.size();
  }

  std::string number() {
    const std::string_view spelled = word();
    const std::string fault = number_fault(spelled);
    if (!fault.empty())
      fail("malformed number (got " + escaped(spelled.substr(0, 40)) + ", " + fault + ")");
    next_ += spelled.size();
    return std::string(spelled);
  }

  JsonValue nested(JsonKind kind) {
    if (++depth_ > kJsonLevels) {
      fail("nested too deeply (expected at most " + std::to_string(kJsonLevels) + " levels)");
    }
    JsonValue result;
    result.kind = kind;
    result.at = here();
    ++next_;
    kind == JsonKind::kArray ? array(result) : object(result);
    --depth_;
    return result;
  }

  /// After an entry: true when another one follows.
  bool another(char closing) {
    skip_space();
    if (accept(closing)) return false;
    if (!accept(',')) {
      const bool missing_comma = peek() == '"' || peek() == '{' || peek() == '[' || is_word(peek());
      fail((missing_comma ? "missing comma before " : "unexpected ") + token() +
           " (expected \",\" or \"" + closing + "\")");
    }
    skip_space();
    if (peek() == closing)
      fail("trailing comma before \"" + std::string(1, closing) + "\" (expected another entry)");
    return true;
  }

  void array(JsonValue& result) {
    skip_space();
    if (accept(']')) return;
    do {
      result.items.push_back(value("a value"));
    } while (another(']'));
  }

  void object(JsonValue& result) {
    std::unordered_map<std::string, int32_t> lines;  // key -> line of its first occurrence
    skip_space();
    if (accept('}')) return;
    do {
      JsonMember entry = member();
      const auto [first, is_new] = lines.try_emplace(entry.key, entry.key_at.line);
      if (is_new) {
        result.members.push_back(std::move(entry));
      } else {
        duplicates_.push_back({entry.key_at, result.at, entry.key, first->second});
      }
    } while (another('}'));
  }

  JsonMember member() {
    skip_space();
    JsonMember result;
    result.key_at = here();
    if (peek() != '"') fail_expecting("a key in double quotes");
    result.key = string();
    skip_space();
    if (!accept(':')) fail_expecting("\":\"");
    result.value = value("a value");
    return result;
  }

  /// The characters of a string; faults are told at its opening quote.
  std::string string() {
    const JsonPlace start = here();
    std::string result;
    for (++next_; !accept('"');) {
      if (ended() || peek() == '\n' || peek() == '\r') {
        throw SyntaxError{start, "unclosed string (expected \"\\\"\" before the end of the line)"};
      }
      const std::string fault = peek() == '\\' ? escape(result) : character(result);
      if (!fault.empty()) throw SyntaxError{start, fault};
    }
    return result;
  }

  std::string character(std::string& result) {
    const std::string_view rest = text_.substr(next_);
    const size_t length = utf8_length(rest);
    if (length == 0)
      return "invalid UTF-8 in a string (got byte " + in_quotes(rest.substr(0, 1)) + ")";
    if (static_cast<unsigned char>(rest[0]) < 0x20) {
      return "control character in a string (got " + in_quotes(rest.substr(0, 1)) +
             ", expected an escape)";
    }
    result += rest.substr(0, length);
    next_ += length;
    return "";
  }

  std::string escape(std::string& result) {
    constexpr std::string_view kLetters = "\"\\/bfnrt", kBytes = "\"\\/\b\f\n\r\t";
    const std::string_view rest = text_.substr(next_);
    if (rest.starts_with("\\u")) return unicode_escape(result);
    const size_t which = rest.size() > 1 ? kLetters.find(rest[1]) : std::string_view::npos;
    if (which == std::string_view::npos) {
      const size_t length =
          1 + (rest.size() > 1 ? std::max<size_t>(utf8_length(rest.substr(1)), 1) : 0);
      return "unknown escape in a string (got " + in_quotes(rest.substr(0, length)) + ")";
    }
    result += kBytes[which];
    next_ += 2;
    return "";
  }

  /// The four hex digits of `\uXXXX` at `at`.
  std::optional<uint32_t> code_unit(size_t at) const {
    if (text_.substr(at, 2) != "\\u" || at + 6 > text_.size()) return std::nullopt;
    uint32_t code = 0;
    for (const char digit : text_.substr(at + 2, 4)) {
      const size_t value = std::string_view("0123456789abcdef0123456789ABCDEF").find(digit);
      if (value == std::string_view::npos) return std::nullopt;
      code = code << 4 | static_cast<uint32_t>(value & 15);
    }
    return code;
  }

  std::string unicode_escape(std::string& result) {
    const std::optional<uint32_t> first = code_unit(next_);
    const std::string spelled = in_quotes(text_.substr(next_, 6));
    if (!first)
      return "malformed escape in a string (got " + spelled + ", expected four hex digits)";
    if (*first < 0xD800 || *first > 0xDFFF) {
      append_utf8(result, *first);
      next_ += 6;
      return "";
    }
    const std::optional<uint32_t> second = code_unit(next_ + 6);
    if (*first > 0xDBFF || !second || *second < 0xDC00 || *second > 0xDFFF) {
      return "lone surrogate in a string (got " + spelled + ", expected a pair)";
    }
    append_utf8(result, 0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00));
    next_ += 12;
    return "";
  }

  std::string_view text_;
  int32_t source_;
  int32_t line_;
  int64_t line_offset_;  // column of the line's first byte
  size_t line_start_ = 0;
  size_t next_ = 0;
  int depth_ = 0;
  std::vector<DuplicateKey> duplicates_;
};

}  // namespace

std::optional<JsonValue> parse_json(std::string_view text, JsonPlace start,
                                    std::vector<JsonFault>& faults) {
  JsonParser parser(text, start);
  try {
    JsonValue root = parser.document();
    for (const DuplicateKey& key : parser.duplicates()) {
      faults.push_back({key.at, join_pointer(pointer_at(root, key.object), key.key),
                        "duplicate key (first on line " + std::to_string(key.first_line) + ")"});
    }
    return root;
  } catch (const SyntaxError& error) {
    faults.push_back({error.at, "", error.message});
    return std::nullopt;
  }
}

}  // namespace nnrun
