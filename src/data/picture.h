#pragma once

#include <string>
#include <string_view>

#include "nnrun/images.h"

namespace nnrun {

/// What read_picture does, for the content `bytes` of `file`.
Picture decode_picture(const std::string& file, std::string_view bytes, int64_t height,
                       int64_t width);

}  // namespace nnrun
