#include <gtest/gtest.h>

#include <algorithm>

#include "data/data_files.h"
#include "data/picture_bytes.h"
#include "data/png.h"
#include "nnrun/data.h"
#include "nnrun/images.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

/// A PNG of 2 x 2 pixels whose bytes count up from `first`.
std::string png(int first) {
  Picture picture{2, 2, 3, {}};
  for (int k = 0; k < 12; ++k) picture.pixels.push_back(static_cast<uint8_t>(first + k));
  return stored_png(picture);
}

class ImageFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_image_reader()) GTEST_SKIP() << "built without OpenCV";
    config_.type = DataType::kImageFolder;
    config_.train_dir = "train";
    config_.test_dir = "test";
    config_.size = {2, 2};
    folder_.write("train/cat/b.png", png(100));
    folder_.write("train/cat/a.PNG", png(0));
    folder_.write("train/bird/x.png", png(50));
    folder_.write("test/cat/t.png", png(200));
  }

  Dataset load() const { return load_dataset(config_, folder_.path(), /*seed=*/0); }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  DataFolder folder_;
  DataConfig config_;
};

TEST_F(ImageFolderTest, ClassesAndFilesByName) {
  folder_.write("train/cat/notes.txt", "passed over");
  folder_.write("train/cat/.hidden.png", "passed over");
  folder_.write("train/readme", "passed over");
  const Dataset set = load();
  EXPECT_EQ(set.class_names, (std::vector<std::string>{"bird", "cat"}));
  EXPECT_EQ(set.train.labels, (std::vector<int32_t>{0, 1, 1}));
  EXPECT_EQ(set.test.labels, (std::vector<int32_t>{1}));
  EXPECT_EQ(set.input.shape.dims, (std::vector<int64_t>{3, 2, 2}));
  EXPECT_EQ(set.input.classes, 2);
  // [C, H, W]: all red bytes first
  EXPECT_EQ(std::vector<uint8_t>(set.train.pixels.begin() + 12, set.train.pixels.begin() + 24),
            (std::vector<uint8_t>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11}));
  ASSERT_EQ(set.files.size(), 4U);
  EXPECT_EQ(set.files[1].path, "train/cat/a.PNG");
}

// The order of the whole paths below the class's folder; links to folders are not followed there.
TEST_F(ImageFolderTest, FoldersWithinClasses) {
  folder_.write("train/cat/aa/z.png", png(60));
  folder_.write("train/cat/a/b/c.bmp", bmp_bytes(2, 2));
  folder_.write("train/cat/.hidden/h.png", png(0));
  fs::create_symlink("../bird", path("train/cat/more"));
  fs::create_symlink("../bird", path("train/cat/more.png"));
  std::vector<std::string> names;
  for (const DataFile& file : load().files)
    if (file.path.starts_with("train/cat/")) names.push_back(file.path.substr(10));
  EXPECT_EQ(names, (std::vector<std::string>{"a.PNG", "a/b/c.bmp", "aa/z.png", "b.png"}));
}

TEST_F(ImageFolderTest, TellsOfFilesThatAreNoPicturesByName) {
  const auto said = [this] {
    testing::internal::CaptureStderr();
    load();
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(said(), "");
  folder_.write("train/cat/.hidden", "");
  folder_.write("test/cat/t.gif", "");
  folder_.write("train/cat/a/z.webp", "");
  folder_.write("train/cat/notes.txt", "");
  const std::string rule = " passed over, only .png, .jpg, .jpeg and .bmp are read (";
  EXPECT_EQ(said(), "nnrun: warning: " + path("train") + ": 2 files" + rule +
                        "cat/a/z.webp, …)\nnnrun: warning: " + path("test") + ": 1 file" + rule +
                        "cat/t.gif)\n");
}

TEST_F(ImageFolderTest, OneFolderForBothSplits) {
  config_.test_dir = "train";
  EXPECT_EQ(load().test.pixels, load().train.pixels);
  const std::string bad = folder_.write("train/cat/c.png", "no png");
  EXPECT_EQ(error_of([&] { load(); }), "2: " + bad + ": no picture (expected PNG, JPEG or BMP)");
}

TEST_F(ImageFolderTest, FirstOfEachClass) {
  config_.train_per_class = 1;
  EXPECT_EQ(load().train.labels, (std::vector<int32_t>{0, 1}));
  config_.train_per_class = 2;
  EXPECT_EQ(error_of([&] { load(); }),
            "2: /data/train_per_class: class 0 has too few examples (got 2, expected at most 1)");
}

TEST_F(ImageFolderTest, ResizesToTheSizeAskedFor) {
  config_.size = {5, 3};
  EXPECT_EQ(load().train.pixels.size(), 3U * 3U * 5U * 3U);
}

TEST_F(ImageFolderTest, AllProblemsAtOnce) {
  folder_.write("train/cat/c.png", "no png");
  folder_.write("train/empty/readme", "");
  folder_.write("test/dog/t.png", png(0));
  EXPECT_EQ(error_of([&] { load(); }),
            "2: " + path("train/cat/c.png") + ": no picture (expected PNG, JPEG or BMP)\n" +
                path("train/empty") + ": holds no PNG, JPEG or BMP file\n" + path("test/dog") +
                ": the training folder has no class of this name (got \"dog\")");
}

TEST_F(ImageFolderTest, LinksAreFollowed) {
  fs::create_symlink("b.png", path("train/cat/c.png"));
  fs::create_symlink("cat", path("train/dog"));
  fs::create_symlink("nowhere", path("train/cat/notes.txt"));  // no picture whatever it leads to
  EXPECT_EQ(load().train.labels, (std::vector<int32_t>{0, 1, 1, 1, 2, 2, 2}));
}

TEST_F(ImageFolderTest, LinksThatLeadNowhere) {
  fs::create_symlink("nowhere", path("train/cat/z.png"));
  fs::create_symlink("nowhere", path("train/cat/y.jpg"));
  const std::string error = error_of([&] { load(); });
  EXPECT_TRUE(error.starts_with("5: ")) << error;
  for (const char* name : {"train/cat/z.png", "train/cat/y.jpg"})
    EXPECT_NE(error.find(path(name) + ": no such file: the link leads nowhere"), std::string::npos)
        << error;
  fs::create_symlink("nowhere", path("train/cow"));
  EXPECT_EQ(error_of([&] { load(); }),
            "5: " + path("train/cow") + ": no such file: the link leads nowhere");
}

// Faults of files that cannot be read stand beside those of files that are no pictures.
TEST_F(ImageFolderTest, UnreadableFilesHideNothing) {
  const std::string bad = folder_.write("train/bird/bad.png", "no png");
  fs::create_symlink("loop.png", path("train/cat/loop.png"));
  fs::create_symlink("nowhere", path("test/cat/z.png"));
  fs::create_symlink("/proc/self/mem", path("test/cat/y.png"));
  EXPECT_EQ(error_of([&] { load(); }),
            "2: " + path("train/cat/loop.png") +
                ": cannot be read (Too many levels of symbolic links)\n" + path("test/cat/z.png") +
                ": no such file: the link leads nowhere\n" + path("test/cat/y.png") +
                ": cannot be read (Input/output error)\n" + bad +
                ": no picture (expected PNG, JPEG or BMP)");
}

TEST_F(ImageFolderTest, ManyUnreadableFiles) {
  for (int i = 10; i < 40; ++i)
    fs::create_symlink("nowhere", path("train/cat/" + std::to_string(i) + ".png"));
  const std::string error = error_of([&] { load(); });
  EXPECT_TRUE(error.starts_with("5: ")) << error;
  EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 20);
  EXPECT_TRUE(error.ends_with("\n… and 10 more")) << error;
}

TEST_F(ImageFolderTest, LinksInACircle) {
  fs::create_symlink("loop", path("loop"));
  config_.test_dir = "loop";
  EXPECT_EQ(error_of([&] { load(); }),
            "5: " + path("loop") + ": cannot be read (Too many levels of symbolic links)");
}

TEST_F(ImageFolderTest, MissingFolders) {
  config_.train_dir = "none";
  config_.test_dir = "none/test";
  const std::string error = error_of([&] { load(); });
  EXPECT_TRUE(error.starts_with("5: " + path("none") + ": no such file or folder (")) << error;
  EXPECT_NE(error.find("\n" + path("none/test") + ": no such file or folder ("), std::string::npos)
      << error;
}

}  // namespace
}  // namespace nnrun
