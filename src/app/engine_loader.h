#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nnrun/engine.h"

namespace nnrun {

/// Folders in which LibTorch is looked for, in order: $NNRUN_TORCH_ROOT, the build's, the
/// project's.
std::vector<std::filesystem::path> torch_candidates();

/// The first candidate with lib/libtorch_cpu.so, else the torch of python3; empty: none.
std::filesystem::path find_torch();

/// What is wrong with $NNRUN_TORCH_ROOT, which is then passed over; "" when it is right or not set.
std::string torch_root_problem();

/// Throws EnvironmentError, with the command that fetches it, when there is no LibTorch.
std::filesystem::path require_torch();

/// Why LibTorch's CUDA half could not be loaded; "" when it could, or was not asked for.
std::string cuda_load_problem();

}  // namespace nnrun
