#include "base/cuda_libraries.h"

#include <dlfcn.h>

namespace fs = std::filesystem;

namespace nnrun {
namespace {

/// What other libraries open by name alone, which finds the wheels' own only when they are loaded
/// already (Python's torch loads them first, too). libcublas takes its own libcublasLt, not that of
/// an installed toolkit; cuDNN compiles some convolutions through NVRTC, and that needs its
/// builtins.
constexpr const char* kOpenedByName[] = {"libcublasLt.so.", "libcublas.so.", "libnvrtc.so.",
                                         "libnvrtc-builtins.so."};

void load_beginning_with(const std::string& name, const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().filename().string().starts_with(name))
      ::dlopen(entry.path().c_str(), RTLD_NOW | RTLD_LOCAL);
}

}  // namespace

bool has_cuda_driver() { return ::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL) != nullptr; }

std::string load_torch_cuda(const fs::path& torch) {
  std::error_code ignored;
  const fs::path packages = fs::weakly_canonical(torch, ignored).parent_path();
  for (const auto& wheel : fs::directory_iterator(packages / "nvidia", ignored))
    for (const char* name : kOpenedByName) load_beginning_with(name, wheel.path() / "lib");
  const auto half = torch / "lib/libtorch_cuda.so";
  return ::dlopen(half.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr ? "" : ::dlerror();
}

}  // namespace nnrun
