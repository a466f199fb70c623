#include <gtest/gtest.h>

#include <algorithm>

#include "data/data_files.h"
#include "nnrun/data.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

/// One record whose pixel byte k is (k + start) mod 251.
std::string record(int label, int start = 0) {
  std::string bytes(1, static_cast<char>(label));
  for (int k = 0; k < 3072; ++k) bytes += static_cast<char>((k + start) % 251);
  return bytes;
}

std::string records(const std::vector<int>& labels) {
  std::string bytes;
  for (size_t n = 0; n < labels.size(); ++n) bytes += record(labels[n], static_cast<int>(n));
  return bytes;
}

DataConfig config_of(std::vector<std::string> train, std::vector<std::string> test) {
  DataConfig config;
  config.path = "c";
  config.train_files = std::move(train);
  config.test_files = std::move(test);
  return config;
}

Dataset load(const DataFolder& folder, const DataConfig& config) {
  return load_dataset(config, folder.path(), /*seed=*/7);
}

TEST(CifarTest, PlanarKeepsTheBytesInOrder) {
  const DataFolder folder;
  folder.write("c/train.bin", records({3, 9}));
  folder.write("c/test.bin", records({0}));
  const Dataset set = load(folder, config_of({"train.bin"}, {"test.bin"}));
  EXPECT_EQ(set.train.labels, (std::vector<int32_t>{3, 9}));
  ASSERT_EQ(set.train.pixels.size(), 2U * 3072U);
  EXPECT_EQ(set.train.pixels[0], 0);
  EXPECT_EQ(set.train.pixels[3071], 3071 % 251);
  EXPECT_EQ(set.train.pixels[3072], 1);
  EXPECT_EQ(set.input.shape.dims, (std::vector<int64_t>{3, 32, 32}));
  EXPECT_EQ(set.input.classes, 10);
  EXPECT_EQ(set.class_names.at(9), "truck");
  EXPECT_EQ(set.validation.size(), 0);
  EXPECT_EQ(set.validation_split(), Split::kTest);
}

// Element (c, h, w) is byte 96 h + 3 w + c of the record.
TEST(CifarTest, InterleavedReadsRowColumnChannel) {
  const DataFolder folder;
  folder.write("c/a.bin", records({3}));
  DataConfig config = config_of({"a.bin"}, {"a.bin"});
  config.pixel_order = PixelOrder::kInterleaved;
  const Dataset set = load(folder, config);
  for (const auto& [c, h, w] : {std::array{0, 0, 0}, {1, 0, 0}, {2, 5, 31}, {0, 31, 31}}) {
    const auto at = static_cast<size_t>(c * 1024 + h * 32 + w);
    EXPECT_EQ(set.train.pixels[at], (96 * h + 3 * w + c) % 251) << c << ' ' << h << ' ' << w;
  }
}

TEST(CifarTest, FilesAreConcatenatedInTheOrderGiven) {
  const DataFolder folder;
  folder.write("c/a.bin", records({1, 2}));
  folder.write("c/b.bin", records({5}));
  const Dataset set = load(folder, config_of({"b.bin", "a.bin"}, {"a.bin"}));
  EXPECT_EQ(set.train.labels, (std::vector<int32_t>{5, 1, 2}));
  EXPECT_EQ(set.test.labels, (std::vector<int32_t>{1, 2}));
  ASSERT_EQ(set.files.size(), 2U);
  EXPECT_EQ(set.files[0].path, "c/b.bin");
  EXPECT_EQ(set.files[1].bytes, 6146);
  EXPECT_EQ(set.files[1].sha256, sha256(records({1, 2})));
}

TEST(CifarTest, BadContentIsReportedForAllFilesAtOnce) {
  const DataFolder folder;
  const std::string a = folder.write("c/a.bin", records({1, 10, 2, 255}));
  const std::string b = folder.write("c/b.bin", records({1}) + "x");
  const std::string c = folder.write("c/c.bin", "");
  const std::string d = folder.write("c/d.bin", "\x1f\x8b\x08 rest");
  const std::string e = folder.write("c/e.bin", "\x80\x02}q");
  EXPECT_EQ(
      error_of([&] {
        load(folder, config_of({"a.bin", "b.bin", "c.bin"}, {"d.bin", "e.bin"}));
      }),
      "2: " + a + ": record 1 (byte 3073): the label is out of range (got 10, expected 0 to 9)\n" +
          a + ": record 3 (byte 9219): the label is out of range (got 255, expected 0 to 9)\n" + b +
          ": the size is wrong (got 3,074 bytes, expected a multiple of 3,073)\n" + c +
          ": the file is empty\n" + d + ": the file is packed by gzip (unpack it with gunzip)\n" +
          e + ": the file is a Python pickle (expected the binary version of the data set)");
}

TEST(CifarTest, TwentyProblemsAreShown) {
  const DataFolder folder;
  folder.write("c/a.bin", records(std::vector<int>(23, 77)));
  const std::string error = error_of([&] { load(folder, config_of({"a.bin"}, {"a.bin"})); });
  EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 20);
  EXPECT_TRUE(error.ends_with("\n… and 3 more")) << error;
}

TEST(CifarTest, AFileThatIsUsedTwiceIsReportedOnce) {
  const DataFolder folder;
  const std::string a = folder.write("c/a.bin", records({10}));
  EXPECT_EQ(error_of([&] {
              load(folder, config_of({"a.bin", "a.bin"}, {"a.bin"}));
            }),
            "2: " + a + ": record 0 (byte 0): the label is out of range (got 10, expected 0 to 9)");
}

TEST(CifarTest, EveryMissingFileIsNamedWithTheCommandThatFetchesIt) {
  const DataFolder folder;
  const std::string what =
      ": no such file or folder (the data sets are fetched by scripts/fetch_data.sh; "
      "--data-dir names another data folder)";
  EXPECT_EQ(error_of([&] { load(folder, config_of({"a.bin"}, {"b.bin"})); }),
            "5: " + (folder.path() / "c/a.bin").string() + what + "\n" +
                (folder.path() / "c/b.bin").string() + what);
}

TEST(CifarTest, AMissingFileHidesNoFaultOfAnother) {
  const DataFolder folder;
  const std::string bad = folder.write("c/b.bin", "x");
  const std::string error = error_of([&] { load(folder, config_of({"a.bin"}, {"b.bin"})); });
  EXPECT_TRUE(error.starts_with("2: " + (folder.path() / "c/a.bin").string() + ": no such file"))
      << error;
  EXPECT_NE(error.find("\n" + bad + ": the size is wrong"), std::string::npos) << error;
}

TEST(CifarTest, SingleRecordOfAFile) {
  const DataFolder folder;
  const std::string file = folder.write("a.bin", records({1, 2, 3}));
  const Examples one = read_cifar_file(file, PixelOrder::kPlanar, 2);
  EXPECT_EQ(one.labels, (std::vector<int32_t>{3}));
  EXPECT_EQ(one.pixels.at(0), 2);
  EXPECT_EQ(read_cifar_file(file, PixelOrder::kPlanar, -1).size(), 3);
  EXPECT_EQ(error_of([&] { read_cifar_file(file, PixelOrder::kPlanar, 3); }),
            "2: " + file + ": there is no such record (got 3, expected 0 to 2)");
}

// Class counts of the first training batch and the first labels of the test batch: the data set's
// own.
TEST(CifarTest, RealData) {
  const std::string folder = real_data_with("cifar-10-batches-bin/data_batch_1.bin");
  if (folder.empty()) GTEST_SKIP() << "NNRUN_DATA names no folder with cifar-10-batches-bin";
  DataConfig config;
  config.test_per_class = 200;
  const Dataset set = load_dataset(config, folder, /*seed=*/0);
  std::vector<int> counts(10);
  for (const int32_t label : set.train.labels) ++counts[static_cast<size_t>(label)];
  EXPECT_EQ(counts, (std::vector<int>{1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981}));
  EXPECT_EQ(set.test.size(), 2000);
  EXPECT_EQ(std::vector<int32_t>(set.test.labels.begin(), set.test.labels.begin() + 5),
            (std::vector<int32_t>{3, 8, 8, 0, 6}));
}

}  // namespace
}  // namespace nnrun
