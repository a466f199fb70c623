#pragma once

#include <string_view>

#include "data/outline.h"

namespace nnrun {

inline constexpr std::string_view kJpegSignature = "\xFF\xD8\xFF";

/// Follows the markers of a JPEG file (ITU-T T.81, annex B) to the end of its image. What a segment
/// holds, such as a thumbnail with an end of its own, is passed over.
Outline jpeg_outline(std::string_view bytes);

}  // namespace nnrun
