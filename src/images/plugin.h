#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nnrun/images.h"

namespace nnrun {

struct Decoded {
  Picture picture;
  bool is_damaged = false;  ///< all or some of the pixels could not be decoded
  std::string reason;       ///< what the decoder said of the file; mostly empty
};

/// What libnnrun_images.so offers. Nothing throws.
struct ImagePlugin {
  /// RGB, resized by area interpolation when height and width are positive.
  Decoded (*decode)(std::string_view bytes, int64_t height, int64_t width);
  /// PNG; "" when the picture cannot be encoded.
  std::string (*encode_png)(const Picture& picture);
};

/// The name under which the plug-in exports `const ImagePlugin*()`.
inline constexpr const char* kImagePluginEntry = "nnrun_image_plugin";

}  // namespace nnrun
