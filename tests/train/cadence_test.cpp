#include "train/cadence.h"

#include <gtest/gtest.h>

#include <vector>

namespace nnrun {
namespace {

/// Epochs after which a save happens when every epoch takes `epoch_seconds` and every save `cost`.
std::vector<int64_t> saves(std::optional<int64_t> every, double epoch_seconds, double cost,
                           int64_t epochs) {
  double now = 1000;
  Cadence cadence(every, now);
  std::vector<int64_t> result;
  for (int64_t done = 1; done <= epochs; ++done) {
    now += epoch_seconds;
    if (!cadence.due(done, now, epoch_seconds)) continue;
    now += cost;
    cadence.saved(now, cost);
    result.push_back(done);
  }
  return result;
}

using Epochs = std::vector<int64_t>;

TEST(CadenceTest, FixedNumberOfEpochs) {
  EXPECT_EQ(saves(3, 1, 100, 10), (Epochs{3, 6, 9}));
  EXPECT_EQ(saves(1, 0.001, 1, 3), (Epochs{1, 2, 3}));
}

TEST(CadenceTest, AutoSpendsAtMostOnePercent) {
  EXPECT_EQ(saves({}, 1, 0.01, 4), (Epochs{1, 2, 3, 4}));
  EXPECT_EQ(saves({}, 1, 0.045, 16), (Epochs{1, 6, 11, 16}));  // 4.5 s apart at least
}

TEST(CadenceTest, AutoSavesAtLeastOnceAMinute) {
  EXPECT_EQ(saves({}, 10, 5, 20), (Epochs{1, 7, 13, 19}));  // the cost alone would ask for 500 s
  EXPECT_EQ(saves({}, 40, 5, 3), (Epochs{1, 2, 3}));  // two epochs would take longer than a minute
}

}  // namespace
}  // namespace nnrun
