#pragma once

#include <memory>

#include "model/layer.h"

namespace nnrun {

/// Keras's Bidirectional gives zeros behind the end of a masked text when it returns sequences (a
/// single direction repeats its last output there).
bool clears_padding(const LayerConfig& config);

/// `layer`, whose output [n, features, length] becomes zero behind each text's end.
std::unique_ptr<Layer> with_cleared_padding(std::unique_ptr<Layer> layer);

}  // namespace nnrun
