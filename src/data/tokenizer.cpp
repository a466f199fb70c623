#include "data/tokenizer.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/utf8.h"
#include "data/cleaning.h"
#include "data/treebank.h"

namespace nnrun {
namespace {

/// White space above 127 that is no U+2000 to U+200A.
constexpr std::array<std::string_view, 8> kWideSpaces{"\u0085", "\u00a0", "\u1680", "\u2028",
                                                      "\u2029", "\u202f", "\u205f", "\u3000"};

/// Bytes of the white space that `text` begins with (Python's str.isspace), 0 when there is none.
size_t space_length(std::string_view text) {
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

Tokens symbols_of(std::string_view text) {
  Tokens symbols;
  while (!text.empty()) {
    const size_t length = std::max<size_t>(utf8_length(text), 1);
    symbols.add(text.substr(0, length));
    text.remove_prefix(length);
  }
  return symbols;
}

Tokens split_at_spaces(std::string_view text) {
  Tokens words;
  size_t begin = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t space = space_length(text.substr(i));
    if (space > 0 && begin < i) words.add(text.substr(begin, i - begin));
    i += std::max<size_t>(space, 1);
    if (space > 0) begin = i;
  }
  if (begin < text.size()) words.add(text.substr(begin));
  return words;
}

}  // namespace

Tokens tokenize(std::string_view text, const DataConfig& config) {
  std::string cleaned(text);
  if (config.cleaning == Cleaning::kAscii) cleaned = clean_characters(text);
  if (config.unit == TextUnit::kChar) return symbols_of(cleaned);
  if (config.cleaning == Cleaning::kAscii) cleaned = clean_words(cleaned);
  if (config.tokenizer == Tokenizer::kTreebank) cleaned = treebank(cleaned);
  return split_at_spaces(cleaned);
}

}  // namespace nnrun
