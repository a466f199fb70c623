#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace nnrun {

/// File name -> SHA-256 of the pictures nnrun wrote into `features`; empty when there are none.
/// Throws StoreError when the list is damaged.
std::map<std::string, std::string> feature_hashes(const std::filesystem::path& features);

}  // namespace nnrun
