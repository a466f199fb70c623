#include "model/cuda_half.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>

namespace nnrun {
namespace {

struct Loaded {
  const CudaHalf* half = nullptr;
  std::string problem;
};

/// The folder of the engine, where its CUDA half stands too.
std::filesystem::path engine_folder() {
  Dl_info info{};
  ::dladdr(reinterpret_cast<void*>(&cuda_half), &info);
  return std::filesystem::absolute(info.dli_fname).parent_path();
}

Loaded load() {
  const auto file = engine_folder() / "libnnrun_engine_cuda.so";
  void* const handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return {nullptr, ::dlerror()};
  const auto factory = reinterpret_cast<CudaHalfFactory>(::dlsym(handle, kCudaHalfFactory));
  if (factory == nullptr) return {nullptr, file.string() + " is of another version of nnrun"};
  return {factory(), ""};
}

const Loaded& loaded() {
  static const Loaded once = load();
  return once;
}

}  // namespace

const CudaHalf* cuda_half() { return loaded().half; }

const CudaHalf* cuda_half_for(Kernels kernels, at::Device device) {
  return device.is_cuda() && kernels == Kernels::kAuto ? cuda_half() : nullptr;
}

std::string cuda_half_problem() { return loaded().problem; }

}  // namespace nnrun
