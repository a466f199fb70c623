#include "data/bmp.h"

#include <gtest/gtest.h>

#include "data/picture_bytes.h"

namespace nnrun {
namespace {

TEST(BmpTest, SizeAndCompleteness) {
  for (const int32_t height : {2, -2}) {  // from the bottom, from the top
    const std::string bytes = bmp_bytes(height, 3);
    const Outline outline = bmp_outline(bytes);
    EXPECT_EQ(outline.fault, "");
    EXPECT_EQ(outline.height, 2);
    EXPECT_EQ(outline.width, 3);
    for (size_t size = 2; size < bytes.size(); ++size)
      EXPECT_EQ(bmp_outline(bytes.substr(0, size)).fault, kCutShort) << size;
  }
}

TEST(BmpTest, RefusesCompressionAndEmptySizes) {
  EXPECT_EQ(bmp_outline(bmp_bytes(2, 3, /*compression=*/1)).fault,
            "the picture is compressed (expected a BMP without compression)");
  for (const std::string& bytes : {bmp_bytes(0, 3), bmp_bytes(2, 0), bmp_bytes(2, -3)})
    EXPECT_EQ(bmp_outline(bytes).fault, kDamagedPicture);
}

}  // namespace
}  // namespace nnrun
