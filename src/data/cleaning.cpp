#include "data/cleaning.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace nnrun {
namespace {

/// Letters, digits and the bytes of `others`.
constexpr std::array<bool, 256> letters_digits_and(std::string_view others) {
  std::array<bool, 256> kept{};
  for (unsigned char c = 0; c < 128; ++c) {
    kept[c] = ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9');
  }
  for (const char byte : others) kept[static_cast<unsigned char>(byte)] = true;
  return kept;
}
constexpr auto kKeptCharacters = letters_digits_and("^,.' ");
constexpr auto kKeptInWords = letters_digits_and("(),!?'`\"");

bool is_in(const std::array<bool, 256>& set, char byte) {
  return set[static_cast<unsigned char>(byte)];
}

}  // namespace

std::string clean_characters(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept),
               [](char byte) { return is_in(kKeptCharacters, byte); });
  return kept;
}

std::string clean_words(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (const char byte : text) {
    if (is_in(kKeptInWords, byte)) {
      kept += lower_case(byte);
    } else if (!kept.empty() && kept.back() != ' ') {
      kept += ' ';
    }
  }
  if (!kept.empty() && kept.back() == ' ') kept.pop_back();
  return kept;
}

char lower_case(char byte) {
  return 'A' <= byte && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

void lower_case(std::string& text) {
  for (char& byte : text) byte = lower_case(byte);
}

}  // namespace nnrun
