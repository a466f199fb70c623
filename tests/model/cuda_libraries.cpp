#include <ATen/Context.h>
#include <dlfcn.h>

#include <filesystem>
#include <iostream>

namespace {

/// LibTorch's CUDA half, beside its CPU half.
std::filesystem::path cuda_library() {
  Dl_info info{};
  ::dladdr(reinterpret_cast<void*>(&at::globalContext), &info);
  return std::filesystem::path(info.dli_fname).parent_path() / "libtorch_cuda.so";
}

/// The program's loader opens LibTorch's CUDA half before any call into LibTorch; so do the tests,
/// on a machine with a driver.
[[maybe_unused]] const bool loaded = [] {
  if (::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL) == nullptr) return false;
  const bool opened = ::dlopen(cuda_library().c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr;
  if (!opened) std::cerr << "GPU tests will be skipped: " << ::dlerror() << "\n";
  return opened;
}();

}  // namespace
