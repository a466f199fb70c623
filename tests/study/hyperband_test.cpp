// Rungs of successive halving, and who goes on.
#include "study/hyperband.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nnrun {
namespace {

using Numbers = std::vector<int64_t>;
const std::map<int64_t, double> kValues{{0, 0.4}, {1, 0.9}, {2, 0.4}, {3, 0.7}, {4, 0.1}, {5, 0.8}};

TEST(HyperbandTest, RungsLieBelowTheLastEpoch) {
  const HyperbandConfig config{.min_iter = 2, .eta = 3};
  EXPECT_EQ(rungs(config, 18), (Numbers{2, 6}));
  EXPECT_EQ(rungs(config, 19), (Numbers{2, 6, 18}));
  EXPECT_EQ(rungs(config, 2), Numbers{});
}

TEST(HyperbandTest, TheBestOfTheRungGoOn) {
  EXPECT_EQ(survivors(kValues, 6, 2, /*maximize=*/true), (Numbers{1, 3, 5}));
  EXPECT_EQ(survivors(kValues, 6, 2, /*maximize=*/false), (Numbers{0, 2, 4}));
  EXPECT_EQ(survivors(kValues, 6, 3, /*maximize=*/false), (Numbers{0, 4}));  // 0 before 2
  EXPECT_EQ(survivors(kValues, 6, 7, /*maximize=*/true), Numbers{1});
}

TEST(HyperbandTest, TrialsWithoutAValueCountInTheRung) {
  EXPECT_EQ(survivors(kValues, 12, 3, /*maximize=*/true), (Numbers{0, 1, 3, 5}));
  EXPECT_EQ(survivors(kValues, 30, 3, /*maximize=*/true), (Numbers{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(survivors({}, 9, 3, /*maximize=*/true), Numbers{});
}

TEST(HyperbandTest, WhatIsNotFiniteComesLast) {
  EXPECT_EQ(survivors({{0, NAN}, {1, -INFINITY}, {2, -5}}, 3, 2, /*maximize=*/true), Numbers{2});
  EXPECT_EQ(survivors({{0, NAN}, {1, INFINITY}, {2, 5}}, 6, 3, /*maximize=*/true), (Numbers{0, 2}));
}

}  // namespace
}  // namespace nnrun
