#pragma once

#include <array>
#include <cstddef>
#include <string_view>

/// Classes of characters in UTF-8 texts, as Python's str and re have them.
namespace nnrun {

/// Bytes of the white space that `text` begins with (str.isspace, \s), 0 when there is none.
size_t space_length(std::string_view text);

/// \w for the character that `text` begins with; bytes that are no UTF-8 count as one.
bool begins_with_word(std::string_view text);

/// \d for the character that `text` begins with.
bool begins_with_digit(std::string_view text);

/// The last character of `text`, which is not empty.
std::string_view last_character(std::string_view text);

/// Code points, the last one included.
struct CodeRange {
  char32_t first, last;
};

/// The characters above 127 that are no \w, in order.
extern const std::array<CodeRange, 377> kWordBorders;

/// The characters above 127 that are \d, in order.
extern const std::array<CodeRange, 65> kDigits;

}  // namespace nnrun
