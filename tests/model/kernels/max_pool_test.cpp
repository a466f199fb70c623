#include "model/kernels/cpu/max_pool.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/kernels/kernel_testing.h"

namespace nnrun::kernels {
namespace {

// Worked out by hand: two sequences of five, windows of three, stride two, one cell of padding on
// each side: {., a, b}, {b, c, d}, {d, e, .}.
const MaxPoolShape kSequences{
    .planes = 2, .width = 5, .size_x = 3, .stride_x = 2, .pad_left = 1, .output_width = 3};

TEST(KernelsMaxPoolTest, PaddingNeverWins) {
  const Floats input{-3, -1, -2, -4, -5, 7, 0, 7, 7, 1};
  Floats output(6);
  std::vector<int32_t> choices(6);
  max_pool_forward(kSequences, input.data(), output.data(), choices.data(), serial_for);
  EXPECT_EQ(output, (Floats{-1, -1, -4, 7, 7, 7}));
  EXPECT_EQ(choices, (std::vector<int32_t>{1, 1, 3, 0, 2, 3}));  // the first of equals
}

TEST(KernelsMaxPoolTest, GradientsGoToTheChosenCellsAndAddUp) {
  const std::vector<int32_t> choices{1, 1, 3, 0, 2, 3};
  const Floats slope{1, 2, 4, 8, 16, 32};
  Floats gradient(10, -7);
  max_pool_backward(kSequences, choices.data(), slope.data(), gradient.data(), serial_for);
  EXPECT_EQ(gradient, (Floats{0, 3, 0, 4, 0, 8, 0, 16, 32, 0}));
}

TEST(KernelsMaxPoolTest, WindowsOfImages) {
  const MaxPoolShape shape{.planes = 1,
                           .height = 3,
                           .width = 4,
                           .size_y = 2,
                           .size_x = 2,
                           .stride_y = 1,
                           .stride_x = 2,
                           .output_height = 2,
                           .output_width = 2};
  const Floats input{1, 2, 3, 4,  //
                     8, 7, 6, 5,  //
                     9, 0, 0, 6};
  Floats output(4);
  max_pool_forward(shape, input.data(), output.data(), nullptr, serial_for);
  EXPECT_EQ(output, (Floats{8, 6, 9, 6}));
}

TEST(KernelsMaxPoolTest, MinusInfinityAloneChoosesTheFirstCell) {
  const Floats input(10, -std::numeric_limits<float>::infinity());
  Floats output(6);
  std::vector<int32_t> choices(6);
  max_pool_forward(kSequences, input.data(), output.data(), choices.data(), serial_for);
  EXPECT_EQ(choices, (std::vector<int32_t>{0, 1, 3, 0, 1, 3}));
}

/// Every shape against the definition: the largest value of the cells that lie in the plane.
TEST(KernelsMaxPoolTest, FollowsTheDefinition) {
  uint32_t seed = 0;
  for (const int64_t size : {1, 2, 3, 5})
    for (const int64_t stride : {1, 2, 3})
      for (const int64_t pad : {int64_t{0}, (size - 1) / 2}) {
        MaxPoolShape s{.planes = 3,
                       .height = 6,
                       .width = 7,
                       .size_y = size,
                       .size_x = size,
                       .stride_y = stride,
                       .stride_x = stride,
                       .pad_top = pad,
                       .pad_left = pad};
        s.output_height = (s.height + pad - size) / stride + 1;
        s.output_width = (s.width + 2 * pad - size) / stride + 1;
        const Floats input = random_floats(3 * 42, 1, ++seed);
        Floats output(static_cast<size_t>(3 * s.output_plane()));
        max_pool_forward(s, input.data(), output.data(), nullptr, serial_for);
        for (int64_t i = 0; i < 3 * s.output_plane(); ++i) {
          const int64_t top = i / s.output_width % s.output_height * stride - pad;
          const int64_t left = i % s.output_width * stride - pad;
          float most = -2;
          for (int64_t y = std::max<int64_t>(0, top); y < std::min<int64_t>(6, top + size); ++y)
            for (int64_t x = std::max<int64_t>(0, left); x < std::min<int64_t>(7, left + size); ++x)
              most =
                  std::max(most, input[static_cast<size_t>(i / s.output_plane() * 42 + y * 7 + x)]);
          ASSERT_EQ(output[static_cast<size_t>(i)], most) << size << " " << stride << " " << pad;
        }
      }
}

TEST(KernelsMaxPoolTest, NanWins) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const MaxPoolShape shape{.planes = 1, .width = 4, .size_x = 2, .stride_x = 2, .output_width = 2};
  const Floats input{nan, 1, 2, nan};
  Floats output(2);
  max_pool_forward(shape, input.data(), output.data(), nullptr, serial_for);
  EXPECT_TRUE(std::isnan(output[0]));
  EXPECT_TRUE(std::isnan(output[1]));
}

TEST(KernelsMaxPoolTest, ThreadsDoNotChangeABit) {
  MaxPoolShape shape = kSequences;
  shape.planes = 200;
  const Floats input = random_floats(1000, 1, 4);
  Floats one(600), three(600);
  std::vector<int32_t> first(600), second(600);
  max_pool_forward(shape, input.data(), one.data(), first.data(), serial_for);
  max_pool_forward(shape, input.data(), three.data(), second.data(), threads_for(3));
  EXPECT_EQ(one, three);
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace nnrun::kernels
