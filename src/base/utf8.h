#pragma once

#include <cstddef>
#include <string_view>

namespace nnrun {

/// What some editors put in front of a text.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Bytes of the valid UTF-8 character that `bytes` begins with (1 to 4); 0 when there is none.
/// Overlong forms, surrogates and values above U+10FFFF are refused (RFC 3629).
size_t utf8_length(std::string_view bytes) noexcept;

/// Every byte belongs to a valid character.
bool is_utf8(std::string_view bytes) noexcept;

}  // namespace nnrun
