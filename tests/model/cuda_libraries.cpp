#include <dlfcn.h>

namespace {

/// The program's loader opens LibTorch's CUDA half before any call into LibTorch; so do the tests,
/// on a machine with a driver.
[[maybe_unused]] const bool loaded = [] {
  return ::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL) != nullptr &&
         ::dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) != nullptr;
}();

}  // namespace
