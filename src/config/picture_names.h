#pragma once

#include <string>

#include "nnrun/config.h"
#include "nnrun/plan.h"

namespace nnrun {

/// Feature maps are called `<layer>-<image>.png`, and the image itself `input-<image>.png`.
inline constexpr const char* kInputPicture = "input";

/// True when the maps of `layer` would be called like the picture of the image; texts have none.
inline bool is_called_like_input(const DataConfig& data, const std::string& layer) {
  return layer == kInputPicture && input_from_config(data).shape.kind == ShapeKind::kImage;
}

}  // namespace nnrun
