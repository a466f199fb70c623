#pragma once

#include <filesystem>
#include <string>

namespace nnrun {

/// True when an NVIDIA driver is installed.
bool has_cuda_driver();

/// Loads LibTorch's CUDA half, so that its devices register themselves; to be called before any
/// other call into LibTorch. `torch`: the folder of its `lib`. Why it does not load; "" when it
/// does.
std::string load_torch_cuda(const std::filesystem::path& torch);

}  // namespace nnrun
