#include "data/cleaning.h"

#include <algorithm>

namespace nnrun {
namespace {

bool is_letter_or_digit(char byte) {
  const char lower = lower_case(byte);
  return ('a' <= lower && lower <= 'z') || ('0' <= byte && byte <= '9');
}

bool is_one_of(char byte, std::string_view set) { return set.find(byte) != std::string_view::npos; }

}  // namespace

std::string clean_characters(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept),
               [](char byte) { return is_letter_or_digit(byte) || is_one_of(byte, "^,.' "); });
  return kept;
}

std::string clean_words(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (const char byte : text) {
    if (is_letter_or_digit(byte) || is_one_of(byte, "(),!?'`\"")) {
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
