#include "base/cuda_libraries.h"

#include <ATen/Context.h>
#include <dlfcn.h>

#include <iostream>

namespace {

/// The folder of the LibTorch that the tests are linked to.
std::filesystem::path torch_folder() {
  Dl_info info{};
  ::dladdr(reinterpret_cast<void*>(&at::globalContext), &info);
  return std::filesystem::path(info.dli_fname).parent_path().parent_path();
}

/// As the program's loader does.
[[maybe_unused]] const bool loaded = [] {
  if (!nnrun::has_cuda_driver()) return false;
  const std::string problem = nnrun::load_torch_cuda(torch_folder());
  if (!problem.empty()) std::cerr << "GPU tests will be skipped: " << problem << "\n";
  return problem.empty();
}();

}  // namespace
