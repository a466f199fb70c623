#pragma once

#include "nnrun/data.h"

namespace nnrun {

/// Images that need no download: each class is a pattern of 4 x 4 bright and dark cells per
/// channel, drawn by `seed`, plus normal noise of `noise` times the pattern's amplitude. Example i
/// has label i mod `classes`. Integer arithmetic apart from one product: the same bytes on every
/// machine.
Dataset make_synthetic_images(const DataConfig& config, int64_t seed);

}  // namespace nnrun
