#pragma once

#include <string>
#include <string_view>

#include "nnrun/images.h"

namespace nnrun {

/// PNG without compression (ISO/IEC 15948; zlib's stored blocks, RFC 1950 and 1951): for builds
/// without OpenCV.
std::string stored_png(const Picture& picture);

inline constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

/// What is wrong with the chunks of a PNG file, their check sums included, or "". (The decoder
/// would print a line of its own.)
std::string png_fault(std::string_view bytes);

}  // namespace nnrun
