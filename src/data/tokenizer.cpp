#include "data/tokenizer.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"
#include "data/characters.h"
#include "data/cleaning.h"
#include "data/treebank.h"

namespace nnrun {
namespace {

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
