#include "nnrun/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace nnrun {
namespace {

using Words = std::array<uint32_t, 4>;

// kat_vectors of Random123 1.14, lines "philox4x32 10".
TEST(RandomTest, PhiloxMatchesTheKnownAnswersOfRandom123) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomTest, WordsFollowTheDocumentedKeyAndCounter) {
  const RandomStream random(0x1122334455667788, Purpose::kDropout, 9, 5, 7);
  const Words mixed = philox({3, 9, 0, 0}, {0x55667788, 0x11223344});
  EXPECT_EQ(random.key(), (std::array<uint32_t, 2>{mixed[0], mixed[1]}));
  const uint64_t block = (uint64_t{3} << 32) + 2;
  const Words words = philox({2, 3, 7, 5}, random.key());
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(random.word(4 * block + i), words[i]);
  const uint64_t bits = uint64_t{words[2]} << 32 | words[3];
  EXPECT_EQ(random.uniform53(2 * block + 1), std::ldexp(static_cast<double>(bits >> 11), -53));
}

TEST(RandomTest, StreamsOfDifferentKeysDiffer) {
  std::set<uint32_t> words;
  for (const Purpose purpose : {Purpose::kWeights, Purpose::kShuffle}) {
    for (uint32_t i = 0; i < 2; ++i) {
      words.insert(RandomStream(1, purpose, i).word(0));
      words.insert(RandomStream(2, purpose, i).word(0));
      words.insert(RandomStream(1, purpose, i, 1).word(0));
      words.insert(RandomStream(1, purpose, i, 0, 1).word(0));
    }
  }
  EXPECT_EQ(words.size(), 16U);
}

TEST(RandomTest, MomentsFitTheDistributions) {
  const RandomStream random(42, Purpose::kSynthetic);
  constexpr int kDraws = 100000;
  double uniform = 0, normal = 0, square = 0, fourth = 0;
  for (uint64_t i = 0; i < kDraws; ++i) {
    uniform += random.uniform(i);
    const double z = random.normal(i);
    normal += z, square += z * z, fourth += z * z * z * z;
  }
  // Four standard errors: sd of a uniform 0.289, of z 1, of z^2 sqrt 2, of z^4 sqrt 96.
  const double root = std::sqrt(double{kDraws});
  EXPECT_NEAR(uniform / kDraws, 0.5, 4 * 0.289 / root);
  EXPECT_NEAR(normal / kDraws, 0, 4 / root);
  EXPECT_NEAR(square / kDraws, 1, 4 * std::sqrt(2) / root);
  EXPECT_NEAR(fourth / kDraws, 3, 4 * std::sqrt(96) / root);
}

TEST(RandomTest, BelowCoversItsRangeEvenly) {
  const RandomStream random(3, Purpose::kShuffle);
  std::array<int, 7> counts{};
  for (uint64_t i = 0; i < 70000; ++i) ++counts.at(random.below(i, 7));
  for (const int count : counts) EXPECT_NEAR(count, 10000, 4 * std::sqrt(10000 * 6 / 7.0));
}

TEST(RandomTest, PermutationIsOne) {
  std::vector<int64_t> order = permutation(1000, RandomStream(5, Purpose::kShuffle, 0, 2));
  EXPECT_NE(order, permutation(1000, RandomStream(5, Purpose::kShuffle, 0, 3)));
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (int64_t i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
  EXPECT_TRUE(permutation(0, RandomStream(5, Purpose::kShuffle)).empty());
}

// Test vectors of the FNV authors (draft-eastlake-fnv, appendix C).
TEST(RandomTest, Fnv1aMatchesItsTestVectors) {
  EXPECT_EQ(fnv1a(""), 0x811c9dc5U);
  EXPECT_EQ(fnv1a("a"), 0xe40c292cU);
  EXPECT_EQ(fnv1a("foobar"), 0xbf9cf968U);
}

}  // namespace
}  // namespace nnrun
