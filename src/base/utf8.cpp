#include "base/utf8.h"

#include <array>

namespace nnrun {
namespace {

/// A row of RFC 3629's table of well-formed sequences: first byte, second byte, length.
struct Form {
  unsigned char first_low, first_high, second_low, second_high;
  size_t length;
};

constexpr std::array<Form, 8> kForms{{
    {0xC2, 0xDF, 0x80, 0xBF, 2},
    {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3},
    {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4},
    {0xF4, 0xF4, 0x80, 0x8F, 4},
}};

bool between(char byte, unsigned char low, unsigned char high) {
  const auto value = static_cast<unsigned char>(byte);
  return low <= value && value <= high;
}

bool matches(const Form& form, std::string_view bytes) {
  if (bytes.size() < form.length || !between(bytes[0], form.first_low, form.first_high) ||
      !between(bytes[1], form.second_low, form.second_high)) {
    return false;
  }
  for (size_t i = 2; i < form.length; ++i) {
    if (!between(bytes[i], 0x80, 0xBF)) return false;
  }
  return true;
}

}  // namespace

size_t utf8_length(std::string_view bytes) noexcept {
  if (bytes.empty()) return 0;
  if (between(bytes[0], 0x00, 0x7F)) return 1;
  for (const Form& form : kForms) {
    if (matches(form, bytes)) return form.length;
  }
  return 0;
}

bool is_utf8(std::string_view bytes) noexcept {
  while (const size_t length = utf8_length(bytes)) bytes.remove_prefix(length);
  return bytes.empty();
}

}  // namespace nnrun
