#pragma once

#include <string>

#include "store/safetensors.h"

namespace nnrun {

/// True when the file says it is one of nnrun's checkpoints.
bool is_checkpoint(const Safetensors& file);

/// Checks format version, the head's seal and every tensor's hash. Throws StoreError.
void check_hashes(const Safetensors& parsed, const std::string& file);

}  // namespace nnrun
