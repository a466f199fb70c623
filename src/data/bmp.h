#pragma once

#include <string_view>

#include "data/outline.h"

namespace nnrun {

inline constexpr std::string_view kBmpSignature = "BM";

/// Checks the headers of a BMP file and that all its rows are there. Only uncompressed ones are
/// taken, as by TensorFlow.
Outline bmp_outline(std::string_view bytes);

}  // namespace nnrun
