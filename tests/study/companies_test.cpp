#include "study/companies.h"

#include <gtest/gtest.h>

namespace nnrun {
namespace {

using Pairs = std::vector<std::pair<size_t, size_t>>;  // company, members

Pairs formed(const std::vector<std::optional<int64_t>>& groups, size_t size, size_t first = 1) {
  Pairs pairs;
  for (const Membership& membership : form_companies(groups, size, first))
    pairs.emplace_back(membership.company, membership.members);
  return pairs;
}

constexpr std::pair<size_t, size_t> kAlone{0, 1};

TEST(CompaniesTest, NeighboursOfAGroupAreOne) {
  EXPECT_EQ(formed({4, 4, 4, 9, 9}, 8), (Pairs{{1, 3}, {1, 3}, {1, 3}, {4, 2}, {4, 2}}));
}

TEST(CompaniesTest, NoneIsLargerThanItMayBe) {
  EXPECT_EQ(formed({4, 4, 4, 4, 4}, 2), (Pairs{{1, 2}, {1, 2}, {3, 2}, {3, 2}, kAlone}));
  EXPECT_EQ(formed({4, 4, 4, 4, 4}, 3), (Pairs{{1, 3}, {1, 3}, {1, 3}, {4, 2}, {4, 2}}));
  EXPECT_EQ(formed({4, 4, 4}, 1), (Pairs{kAlone, kAlone, kAlone}));
}

TEST(CompaniesTest, WhoHasNoGroupOrNobodyBesideItStaysAlone) {
  EXPECT_EQ(formed({}, 4), Pairs{});
  EXPECT_EQ(formed({1, 2, 3}, 4), (Pairs{kAlone, kAlone, kAlone}));
  EXPECT_EQ(formed({{}, {}, 5, {}, 5, 5}, 4),
            (Pairs{kAlone, kAlone, kAlone, kAlone, {5, 2}, {5, 2}}));
}

TEST(CompaniesTest, NumbersGoOnWhereTheLastOnesEnded) {
  EXPECT_EQ(formed({1, 2, 2}, 2, /*first=*/7), (Pairs{kAlone, {8, 2}, {8, 2}}));
}

}  // namespace
}  // namespace nnrun
