#pragma once

#include <filesystem>
#include <vector>

#include "nnrun/store.h"

namespace nnrun {

/// The folders at or below `folder` in one of these states, sorted. Below them nothing is looked
/// for, and links to folders are not followed. Throws EnvironmentError.
std::vector<std::filesystem::path> find_folders(const std::filesystem::path& folder,
                                                const std::vector<RunState>& wanted);

}  // namespace nnrun
