#pragma once

#include "nnrun/engine.h"
#include "nnrun/images.h"

namespace nnrun {

/// The channels of one example's output as one grey picture: tiles in a near-square grid, each
/// scaled from its own minimum (black) to its maximum (white), a gap between them, enlarged so that
/// small maps can be seen. `shape`: an image, a sequence (one tile, features down, positions
/// across) or a vector (one row); `values`: shape.elements() numbers.
Picture tile_channels(const Shape& shape, const float* values);

/// An input image [C, H, W] of bytes as a picture, enlarged like the tiles.
Picture input_picture(const Shape& shape, const uint8_t* pixels);

}  // namespace nnrun
