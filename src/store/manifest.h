#pragma once

#include <string>

#include "nnrun/store.h"

namespace nnrun {

/// Content of manifest.json.
std::string to_json(const Manifest& manifest);

/// Throws StoreError: damaged, of a newer format.
Manifest parse_manifest(const std::string& text, const std::string& file);

}  // namespace nnrun
