#include <dlfcn.h>
#include <gtest/gtest.h>

#include "data/data_files.h"
#include "data/picture_bytes.h"
#include "data/png.h"
#include "nnrun/files.h"
#include "nnrun/images.h"
#include "repository.h"

namespace nnrun {
namespace {

/// 3 x 2 pixels, all bytes different.
Picture rgb_picture() {
  Picture picture{3, 2, 3, {}};
  for (int k = 0; k < 18; ++k) picture.pixels.push_back(static_cast<uint8_t>(13 * k));
  return picture;
}

std::string hex_of(const std::string& bytes) {
  std::string hex;
  for (const char byte : bytes) {
    hex += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

// A single grey pixel of value 255; check sums by Python's zlib.
TEST(PictureTest, StoredPngByteForByte) {
  EXPECT_EQ(
      hex_of(stored_png({1, 1, 1, {255}})),
      "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000d4944415478010102"
      "00fdff00ff01010100608712b50000000049454e44ae426082");
}

TEST(PictureTest, ReadingWithoutOpenCvSaysSo) {
  if (has_image_reader()) GTEST_SKIP() << "built with OpenCV";
  const DataFolder folder;
  const std::string file = folder.write("a.png", png_bytes(rgb_picture()));
  EXPECT_EQ(error_of([&] { read_picture(file); }),
            "5: " + file +
                ": pictures cannot be read: this build of nnrun has no OpenCV (install "
                "libopencv-dev and build again)");
}

class PictureTestOpenCv : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_image_reader()) GTEST_SKIP() << "built without OpenCV";
  }
  DataFolder folder_;
};

TEST_F(PictureTestOpenCv, ReadsWhatBothPngWritersWrite) {
  const Picture picture = rgb_picture();
  for (const std::string& bytes : {stored_png(picture), png_bytes(picture)}) {
    const Picture read = read_picture(folder_.write("a.png", bytes));
    EXPECT_EQ(read.height, 3);
    EXPECT_EQ(read.width, 2);
    EXPECT_EQ(read.channels, 3);
    EXPECT_EQ(read.pixels, picture.pixels);
  }
}

TEST_F(PictureTestOpenCv, StoredPngOfSeveralBlocks) {
  Picture picture{200, 150, 3, std::vector<uint8_t>(200 * 150 * 3)};
  for (size_t k = 0; k < picture.pixels.size(); ++k)
    picture.pixels[k] = static_cast<uint8_t>(k * k % 253);
  EXPECT_EQ(read_picture(folder_.write("a.png", stored_png(picture))).pixels, picture.pixels);
}

TEST_F(PictureTestOpenCv, GreyBecomesRgb) {
  for (const std::string& bytes : {stored_png({1, 2, 1, {7, 9}}), png_bytes({1, 2, 1, {7, 9}})}) {
    EXPECT_EQ(read_picture(folder_.write("a.png", bytes)).pixels,
              (std::vector<uint8_t>{7, 7, 7, 9, 9, 9}));
  }
}

// The left half of red_blue.jpg is (200, 30, 40), the right half (20, 60, 220), before JPEG's
// losses.
TEST_F(PictureTestOpenCv, ReadsJpegAndResizes) {
  const Picture picture = read_picture((repository() / "tests/data/red_blue.jpg").string(), 1, 2);
  ASSERT_EQ(picture.pixels.size(), 6U);
  const std::vector<int> expected{200, 30, 40, 20, 60, 220};
  for (size_t k = 0; k < 6; ++k) EXPECT_NEAR(picture.pixels[k], expected[k], 4);
}

// Two blocks of 2 x 2: (0 + 10 + 40 + 50) / 4 and (20 + 30 + 60 + 70) / 4.
TEST_F(PictureTestOpenCv, ResizesByArea) {
  const Picture wide{2, 4, 1, {0, 10, 20, 30, 40, 50, 60, 70}};
  const Picture small = read_picture(folder_.write("a.png", stored_png(wide)), 1, 2);
  EXPECT_EQ(small.pixels, (std::vector<uint8_t>{25, 25, 25, 45, 45, 45}));
}

TEST_F(PictureTestOpenCv, BadPictures) {
  const std::string text = folder_.write("a.png", "hello");
  EXPECT_EQ(error_of([&] { read_picture(text); }),
            "2: " + text + ": no picture (expected PNG, JPEG or BMP)");
  const std::string png = stored_png(rgb_picture());
  const std::string cut = folder_.write("b.png", png.substr(0, 60));
  EXPECT_EQ(error_of([&] { read_picture(cut); }), "2: " + cut + ": the picture is cut short");
  const std::string bad = folder_.write("c.png", png.substr(0, 50) + "?" + png.substr(51));
  EXPECT_EQ(error_of([&] { read_picture(bad); }), "2: " + bad + ": the picture is damaged");
  EXPECT_TRUE(
      error_of([&] { read_picture((folder_.path() / "none.png").string()); }).starts_with("5: "));
}

// The first row of a BMP is the lowest; B, G, R.
TEST_F(PictureTestOpenCv, ReadsBmp) {
  const Picture picture = read_picture(folder_.write("a.bmp", bmp_bytes(2, 1)));
  EXPECT_EQ(picture.pixels, (std::vector<uint8_t>{6, 5, 4, 2, 1, 0}));
}

/// red_blue.jpg with `inserted` at byte `at`.
std::string jpeg_with(const std::string& inserted, size_t at) {
  const std::string whole = read_file(repository() / "tests/data/red_blue.jpg");
  return whole.substr(0, at) + inserted + whole.substr(at);
}

TEST_F(PictureTestOpenCv, AThumbnailsEndIsNotThePictures) {
  const std::string with_thumbnail =
      jpeg_with("\xFF\xFE" + std::string("\0\6", 2) + "\xFF\xD8\xFF\xD9", 2);
  EXPECT_EQ(read_picture(folder_.write("a.jpg", with_thumbnail + "behind the end"), 1, 2).pixels,
            read_picture((repository() / "tests/data/red_blue.jpg").string(), 1, 2).pixels);
  const std::string cut =
      folder_.write("b.jpg", with_thumbnail.substr(0, with_thumbnail.size() - 20));
  EXPECT_EQ(error_of([&] { read_picture(cut); }), "2: " + cut + ": the picture is cut short");
}

/// What read_picture throws; nothing else may go to stderr.
std::string error_without_lines(const std::string& file) {
  testing::internal::CaptureStderr();
  const std::string error = error_of([&] { read_picture(file); });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  return error;
}

TEST_F(PictureTestOpenCv, BytesThatTheDecoderSkipsAreTold) {
  const std::string jpeg = jpeg_with("", 0);
  const std::string more = folder_.write("a.jpg", jpeg_with("12345", jpeg.size() - 2));
  testing::internal::CaptureStderr();
  const Picture picture = read_picture(more, 1, 2);
  EXPECT_EQ(
      testing::internal::GetCapturedStderr(),
      "nnrun: warning: " + more + ": Corrupt JPEG data: 3 extraneous bytes before marker 0xd9\n");
  EXPECT_EQ(picture.pixels,
            read_picture((repository() / "tests/data/red_blue.jpg").string(), 1, 2).pixels);
}

TEST_F(PictureTestOpenCv, WhatTheDecodersSayIsAnErrorOfTheFile) {
  const std::string jpeg = jpeg_with("", 0);
  const std::string half = folder_.write("a.jpg", jpeg.substr(0, jpeg.size() - 20) + "\xFF\xD9");
  EXPECT_EQ(error_without_lines(half), "2: " + half +
                                           ": the picture is damaged (Corrupt JPEG data: premature "
                                           "end of data segment)");
  const std::string png = stored_png(rgb_picture());
  const std::string empty = folder_.write("c.png", png.substr(0, 33) + png.substr(png.size() - 12));
  EXPECT_EQ(error_without_lines(empty),
            "2: " + empty + ": the picture is damaged (libpng error: IEND: out of place)");
}

// gAMA with a value of 0; check sum by Python's zlib.
TEST_F(PictureTestOpenCv, WarningsOfTheDecodersAreDropped) {
  const std::string gamma("\0\0\0\4gAMA\0\0\0\0\x8B\x25\x60\x4D", 16);
  std::string png = stored_png(rgb_picture());
  const std::string file = folder_.write("a.png", png.insert(33, gamma));
  EXPECT_EQ(error_without_lines(file), "no error");
  EXPECT_EQ(read_picture(file).pixels, rgb_picture().pixels);
}

TEST_F(PictureTestOpenCv, LargerThanTheDecodersTake) {
  const std::string most =
      " pixels, expected at most 1,000,000 on a side and 1,073,741,824 in all)";
  const std::string tall = folder_.write("a.bmp", bmp_bytes(1000001, 1));
  EXPECT_EQ(error_of([&] { read_picture(tall); }),
            "2: " + tall + ": the picture is too large (got 1,000,001 x 1" + most);
  std::string jpeg = jpeg_with("", 0);
  jpeg.replace(jpeg.find("\xFF\xC0") + 5, 4, "\xFF\xFF\xFF\xFF");
  const std::string large = folder_.write("b.jpg", jpeg);
  EXPECT_EQ(error_of([&] { read_picture(large); }),
            "2: " + large + ": the picture is too large (got 65,535 x 65,535" + most);
}

// OpenCV's libraries bring a BLAS; had it global symbols, LibTorch would compute with it.
TEST_F(PictureTestOpenCv, NoBlasInSight) { EXPECT_EQ(dlsym(RTLD_DEFAULT, "sgemm_"), nullptr); }

}  // namespace
}  // namespace nnrun
