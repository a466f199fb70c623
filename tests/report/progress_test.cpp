#include "report/progress.h"

#include <gtest/gtest.h>

namespace nnrun {
namespace {

TEST(ProgressTest, ALiveLineStaysOnOneLineOfTheTerminal) {
  EXPECT_EQ(fitted("epoch 1/2", 80), "epoch 1/2");
  EXPECT_EQ(fitted("epoch 1/2", 10), "epoch 1/2");
  EXPECT_EQ(fitted("epoch 1/2", 9), "epoch 1/");
  EXPECT_EQ(fitted("epoch 1/2", 0), "epoch 1/2");
}

}  // namespace
}  // namespace nnrun
