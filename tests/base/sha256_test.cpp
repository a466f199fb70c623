#include <gtest/gtest.h>

#include "base/sha256_blocks.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

// FIPS 180-4 examples (NIST, "SHA256.pdf" and the long message of one million "a").
TEST(Sha256Test, MatchesTheStandardsExamples) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, PiecesGiveTheHashOfTheWhole) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    Sha256 hash;
    hash.add(std::string_view(text).substr(0, cut));
    hash.add(std::string_view(text).substr(cut));
    ASSERT_EQ(hash.hex(), sha256(text)) << "cut at " << cut;
  }
}

TEST(Sha256Test, BothBlockFunctionsAgree) {
  if (!has_sha_instructions()) GTEST_SKIP() << "no SHA instructions here";
  std::array<unsigned char, 64 * 5> bytes;
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i * i + 3 * i);
  std::array<uint32_t, 8> portable{1, 2, 3, 4, 5, 6, 7, 0xffffffff}, fast = portable;
  sha256_blocks(portable.data(), bytes.data(), 5);
  sha256_blocks_x86(fast.data(), bytes.data(), 5);
  EXPECT_EQ(fast, portable);
}

}  // namespace
}  // namespace nnrun
