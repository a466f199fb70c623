#include "model/guarded_session.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <stdexcept>

#include "nnrun/error.h"

namespace nnrun {
namespace {

std::string libtorch_problem(const std::string& text) {
  try {
    translating_errors([&] { TORCH_CHECK(false, text); });
  } catch (const Error& error) {
    return std::to_string(static_cast<int>(error.code())) + ": " + error.what();
  }
  return "";
}

TEST(GuardedSessionTest, WhatTheDriverAndItsLibrariesRefuseIsADeviceError) {
  EXPECT_EQ(libtorch_problem("CUDA error: an illegal address\nsecond line"),
            "6: CUDA error: an illegal address");
  EXPECT_EQ(libtorch_problem("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
            "6: cuDNN error: CUDNN_STATUS_ALLOC_FAILED");
  // For want of memory, mostly.
  EXPECT_EQ(libtorch_problem("GET was unable to find an engine to execute this computation"),
            "6: GET was unable to find an engine to execute this computation");
  EXPECT_EQ(libtorch_problem("size mismatch"), "1: LibTorch: size mismatch");
}

TEST(GuardedSessionTest, CudnnsFrontEndThrowsAnErrorOfItsOwn) {
  const auto work = [] {
    throw std::runtime_error("CUDNN_BACKEND_OPERATION: cudnnFinalize Failed cudnn_status: 4000");
  };
  EXPECT_THROW(translating_errors(work), DeviceError);
}

TEST(GuardedSessionTest, OtherErrorsStayWhatTheyAre) {
  EXPECT_THROW(translating_errors([] { throw StoreError("no tensor \"CUDNN\""); }), StoreError);
  try {
    translating_errors([] { throw std::runtime_error("elsewhere"); });
    ADD_FAILURE();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "elsewhere");
  }
}

}  // namespace
}  // namespace nnrun
