#include "data/characters.h"

#include <algorithm>
#include <span>

#include "base/utf8.h"

namespace nnrun {
namespace {

/// White space above 127 that is no U+2000 to U+200A.
constexpr std::array<std::string_view, 8> kWideSpaces{"\u0085", "\u00a0", "\u1680", "\u2028",
                                                      "\u2029", "\u202f", "\u205f", "\u3000"};

bool is_ascii_word(char byte) {
  const auto in = [byte](char first, char last) { return first <= byte && byte <= last; };
  return in('a', 'z') || in('A', 'Z') || in('0', '9') || byte == '_';
}

/// Of a valid character of 2 to 4 bytes.
char32_t code_point(std::string_view character) {
  const auto bits = [&](size_t i, int mask) { return static_cast<char32_t>(character[i] & mask); };
  char32_t code = bits(0, 0xFF >> (character.size() + 1));
  for (size_t i = 1; i < character.size(); ++i) code = code << 6 | bits(i, 0x3F);
  return code;
}

bool is_in(std::span<const CodeRange> ranges, char32_t code) {
  const auto range = std::lower_bound(ranges.begin(), ranges.end(), code,
                                      [](const CodeRange& r, char32_t c) { return r.last < c; });
  return range != ranges.end() && range->first <= code;
}

}  // namespace

size_t space_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = static_cast<unsigned char>(text[0]);
  if (byte < 128) return byte == ' ' || (9 <= byte && byte <= 13) || (28 <= byte && byte <= 31);
  if (text.starts_with("\xE2\x80") && "\x80" <= text.substr(2, 1) && text.substr(2, 1) <= "\x8A") {
    return 3;
  }
  for (const std::string_view space : kWideSpaces) {
    if (text.starts_with(space)) return space.size();
  }
  return 0;
}

bool begins_with_word(std::string_view text) {
  const size_t length = utf8_length(text);
  if (length < 2) return !text.empty() && (length == 0 || is_ascii_word(text[0]));
  return !is_in(kWordBorders, code_point(text.substr(0, length)));
}

bool begins_with_digit(std::string_view text) {
  const size_t length = utf8_length(text);
  if (length < 2) return length == 1 && '0' <= text[0] && text[0] <= '9';
  return is_in(kDigits, code_point(text.substr(0, length)));
}

std::string_view last_character(std::string_view text) {
  const auto goes_on = [&](size_t i) { return (text[i] & 0xC0) == 0x80; };
  size_t start = text.size() - 1;
  while (start > 0 && text.size() - start < 4 && goes_on(start)) --start;
  return text.substr(start);
}

}  // namespace nnrun
