#include "data/jpeg.h"

#include <gtest/gtest.h>

#include <string>

namespace nnrun {
namespace {

using namespace std::string_literals;

const std::string kStart = "\xFF\xD8"s, kEnd = "\xFF\xD9"s;
const std::string kFrame = "\xFF\xC2\0\x08\x08\x01\x02\x03\x04\0"s;  // 258 x 772, progressive
const std::string kScan = "\xFF\xDA\0\x03\x01image"s;
/// A comment that holds the end of an image.
const std::string kThumbnail = "\xFF\xFE\0\x06\xFF\xD8\xFF\xD9"s;

std::string fault_of(const std::string& bytes) { return jpeg_outline(bytes).fault; }

TEST(JpegTest, SizeOfTheFrame) {
  const Outline outline = jpeg_outline(kStart + kFrame + kScan + kEnd);
  EXPECT_EQ(outline.fault, "");
  EXPECT_EQ(outline.height, 258);
  EXPECT_EQ(outline.width, 772);
}

TEST(JpegTest, WhatMayStandBetweenStartAndEnd) {
  for (const std::string& inner :
       {kThumbnail, kScan + kScan, kScan + "\xFF\0\xFF\xD0\xFF\xD7more"s, kScan + "\xFF\xFF\xFF"s,
        kScan + kThumbnail + kScan, "\xFF\xFF"s + kThumbnail, "\xFF\x01"s + kScan}) {
    EXPECT_EQ(fault_of(kStart + inner + kEnd), "");
    EXPECT_EQ(fault_of(kStart + inner + kEnd + "trailing data"), "");
    EXPECT_EQ(fault_of(kStart + inner), kCutShort);
  }
}

TEST(JpegTest, EveryTruncationIsCutShort) {
  const std::string whole = kStart + kThumbnail + kFrame + kScan + kThumbnail + kScan + kEnd;
  for (size_t size = kStart.size(); size < whole.size(); ++size)
    EXPECT_EQ(fault_of(whole.substr(0, size)), kCutShort) << size;
  EXPECT_EQ(fault_of(whole), "");
}

TEST(JpegTest, ASegmentWithoutRoomForItsLengthEndsNowhere) {
  EXPECT_EQ(fault_of(kStart + "\xFF\xFE\0\0"s + kScan + kEnd), "");
  EXPECT_EQ(fault_of(kStart + "\xFF\xFE\xFF\xFF"s + kScan + kEnd), kCutShort);
}

}  // namespace
}  // namespace nnrun
