#pragma once

#include <string>
#include <string_view>

#include "store/safetensors.h"

namespace nnrun {

/// True when the file says it is one of nnrun's checkpoints.
bool is_checkpoint(const Safetensors& file);

/// Checks format version, the head's seal and every tensor's hash. Throws StoreError.
void check_hashes(const Safetensors& parsed, const std::string& file);

/// The file is a checkpoint and all its hashes hold: what decode_checkpoint checks, without a copy
/// of the tensors. Throws StoreError.
Safetensors check_checkpoint(std::string_view bytes, const std::string& file);

}  // namespace nnrun
