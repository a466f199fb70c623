#pragma once

#include <string>
#include <string_view>

#include "data/outline.h"
#include "nnrun/images.h"

namespace nnrun {

/// PNG without compression (ISO/IEC 15948; zlib's stored blocks, RFC 1950 and 1951): for builds
/// without OpenCV.
std::string stored_png(const Picture& picture);

inline constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n";

/// Follows the chunks of a PNG file and checks their sums.
Outline png_outline(std::string_view bytes);

}  // namespace nnrun
