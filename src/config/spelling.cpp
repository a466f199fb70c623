#include "config/spelling.h"

#include <algorithm>

namespace nnrun {
namespace {

bool is_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }
bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/// [A-Za-z_][A-Za-z0-9_-]*
bool is_layer_name(const std::string& text) {
  const auto follows = [](char byte) {
    return is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-';
  };
  return !text.empty() && (is_letter(text[0]) || text[0] == '_') &&
         std::ranges::all_of(text, follows);
}

/// [A-Za-z0-9][A-Za-z0-9._-]{0,63}
bool is_run_name(const std::string& text) {
  constexpr size_t kLongest = 64;
  const auto follows = [](char byte) {
    return is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-' || byte == '.';
  };
  return !text.empty() && text.size() <= kLongest && (is_letter(text[0]) || is_digit(text[0])) &&
         std::ranges::all_of(text, follows);
}

constexpr Spelling kSpellings[] = {
    {Form::kName, is_run_name,
     "letters, digits, \".\", \"_\" and \"-\", at most 64, a letter or digit first"},
    {Form::kLayerName, is_layer_name, "letters, digits, \"_\" and \"-\", a letter or \"_\" first"},
    {Form::kFile, is_file_name, "the name of a file or folder"},
    {Form::kReference, is_file_name, "the name of a file, or null"},
};

}  // namespace

const Spelling* spelling_of(Form form) {
  const auto* const found = std::ranges::find(kSpellings, form, &Spelling::form);
  return found == std::end(kSpellings) ? nullptr : found;
}

bool is_file_name(const std::string& text) {
  return !text.empty() && text.find('\0') == std::string::npos;
}

}  // namespace nnrun
