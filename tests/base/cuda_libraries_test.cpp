#include "base/cuda_libraries.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include "base/temp_folder.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

/// A copy of the mathematical library under another name.
void put_library(const fs::path& file) {
  Dl_info info{};
  ASSERT_NE(::dladdr(::dlsym(RTLD_DEFAULT, "lgamma"), &info), 0);
  fs::create_directories(file.parent_path());
  fs::copy_file(fs::canonical(info.dli_fname), file);
}

bool is_loaded(const fs::path& file) {
  return ::dlopen(file.c_str(), RTLD_LAZY | RTLD_NOLOAD) != nullptr;
}

TEST(CudaLibrariesTest, TheWheelsOwnAreLoadedBeforeOthersLookForThem) {
  const TempFolder site;
  const fs::path wheel = site / "nvidia/cu13/lib", half = site / "torch/lib/libtorch_cuda.so";
  for (const fs::path& file : {wheel / "libcublas.so.13", wheel / "libnvrtc-builtins.so.13.0",
                               wheel / "libnvrtc.alt.so.13", half})
    put_library(file);
  EXPECT_EQ(load_torch_cuda(site / "torch"), "");
  EXPECT_TRUE(is_loaded(wheel / "libcublas.so.13"));
  EXPECT_TRUE(is_loaded(wheel / "libnvrtc-builtins.so.13.0"));
  EXPECT_FALSE(is_loaded(wheel / "libnvrtc.alt.so.13"));
  EXPECT_TRUE(is_loaded(half));
}

TEST(CudaLibrariesTest, TheFolderMayBeNamedInOtherWays) {
  for (const char* name : {"torch/", "link", "torch/."}) {
    const TempFolder site;
    const fs::path library = site / "nvidia/cu13/lib/libcublas.so.13";
    put_library(library);
    put_library(site / "torch/lib/libtorch_cuda.so");
    fs::create_directories(site / "elsewhere");
    fs::create_symlink(site / "torch", site / "elsewhere/link");
    const bool is_link = name == std::string("link");
    EXPECT_EQ(load_torch_cuda((is_link ? site / "elsewhere" : site / "") / name), "") << name;
    EXPECT_TRUE(is_loaded(library)) << name;
  }
}

TEST(CudaLibrariesTest, WhatIsMissingIsSaid) {
  const TempFolder site;
  EXPECT_NE(load_torch_cuda(site / "torch").find("libtorch_cuda.so"), std::string::npos);
}

}  // namespace
}  // namespace nnrun
