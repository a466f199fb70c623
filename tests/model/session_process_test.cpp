#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>

#include "model/model_fixture.h"

/// What a session does to its process: the mode of its threads, the memory it holds.
namespace nnrun {
namespace {

using namespace testing;

/// Entries that are neither zero nor normal.
int64_t denormals(const Tensors& tensors) {
  int64_t count = 0;
  for (const Tensor& tensor : tensors)
    count += std::ranges::count_if(tensor.values,
                                   [](float v) { return std::fpclassify(v) == FP_SUBNORMAL; });
  return count;
}

/// A model whose many first weights get no gradient, since their units are off: Adam's slots fade.
Tensors faded(TestRun& run, int threads) {
  run.request.optimizer.type = OptimizerType::kAdam;
  run.request.device.threads = threads;
  const auto session = run.open();
  Tensors state = state_of(*session);
  for (Tensor& tensor : state) {
    if (tensor.name == "model/F1.bias") std::ranges::fill(tensor.values, -1e3F);
    if (tensor.name == "optimizer/m/F1.weight") std::ranges::fill(tensor.values, 1.2e-38F);
  }
  session->restore(state, 0);
  session->train_epoch(0, 0.01);
  return state_of(*session);
}

/// Threads that LibTorch started before, in another mode, are no exception.
TEST(SessionProcessTest, NoThreadKeepsDenormalNumbers) {
  const int threads = at::get_num_threads();
  at::set_num_threads(2);
  at::parallel_for(0, 2, 1, [](int64_t, int64_t) {});
  LayerConfig wide = dense("F1", 400);
  wide.activation = Activation::kRelu;
  TestRun run({flatten(), wide, dense("F2", 4)}, corner_dataset(20, 8));
  const Tensors one = faded(run, 1), two = faded(run, 2);
  at::set_num_threads(threads);
  EXPECT_EQ(denormals(one), 0);
  EXPECT_EQ(denormals(two), 0);
  EXPECT_TRUE(same_bytes(one, two));
}

/// Bytes that the C library holds of the system's memory, in use or not.
size_t held_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.arena + info.hblkhd;
}

/// What a step needs, the steps before it have left.
TEST(SessionProcessTest, LaterEpochsTakeNoMemoryFromTheSystem) {
  TestRun run(small_cnn(), corner_dataset(2000, 40));
  run.request.training.batch_size = 500;
  const auto session = run.open();
  int64_t epoch = 0;
  for (; epoch < 10; ++epoch) session->train_epoch(epoch, 0.05);
  const size_t before = held_bytes();
  for (; epoch < 50; ++epoch) session->train_epoch(epoch, 0.05);
  // 160 steps. The heap may still settle; a step that kept 32 KiB would make 5 MiB.
  EXPECT_LE(held_bytes(), before + (size_t{4} << 20));
}

TEST(SessionProcessTest, MemoryThatIsFreedStays) {
  TestRun run(small_cnn(), corner_dataset(100, 40));
  const auto session = run.open();                   // the engine sees to it
  at::Tensor large = at::empty({int64_t{1} << 24});  // 64 MiB: without that it would go back
  const size_t before = held_bytes();
  large.reset();
  EXPECT_EQ(held_bytes(), before);
}

}  // namespace
}  // namespace nnrun
