#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "model/fused/kernel_layer.h"

namespace nnrun {
namespace {

/// Each of two pieces waits for the other to begin: on one thread the first would wait in vain.
TEST(ParallelTest, PiecesRunAtTheSameTime) {
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  std::atomic<int> begun{0}, met{0};
  parallel_pieces(2, [&](int64_t) {
    ++begun;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (begun < 2 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    if (begun == 2) ++met;
  });
  at::set_num_threads(before);
  EXPECT_EQ(met, 2);
}

}  // namespace
}  // namespace nnrun
