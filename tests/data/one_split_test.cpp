#include "data/one_split.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "data/data_files.h"
#include "data/png.h"
#include "nnrun/images.h"

namespace nnrun {
namespace {

DataConfig csv_config() {
  DataConfig config;
  config.type = DataType::kTextCsv;
  config.train_file = "train.csv";
  config.test_file = "test.csv";
  config.classes = 2;
  config.unit = TextUnit::kWord;
  config.max_length = 3;
  return config;
}

/// Ids of the words: 0 padding, 1 unknown, 2 end.
const Vocabulary kVocabulary{{"<pad>", "<unk>", "<end>", "one", "two"}};

TEST(OneSplitTest, TextsInTheVocabularyOfTheRun) {
  const DataFolder folder;
  folder.write("train.csv", "1,two three\n0,two one\n");  // no test.csv
  const auto read = load_split(csv_config(), folder.path(), {Split::kTrain, 0, kVocabulary, {}});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->examples.labels, (std::vector<int32_t>{1, 0}));
  EXPECT_EQ(read->examples.ids, (std::vector<int32_t>{4, 1, 2, 4, 3, 2}));
  ASSERT_EQ(read->files.size(), 1U);
  EXPECT_EQ(read->files[0].path, "train.csv");
}

TEST(OneSplitTest, TheOtherSplitsNumbersDoNotCount) {
  const DataFolder folder;
  folder.write("test.csv", "1,one\n0,two\n0,one\n");
  DataConfig config = csv_config();
  config.train_per_class = 9;
  config.limit.train = 1;
  config.validation_fraction = 0.5;
  config.test_per_class = 1;
  const auto read = load_split(config, folder.path(), {Split::kTest, 0, kVocabulary, {}});
  EXPECT_EQ(read->examples.labels, (std::vector<int32_t>{1, 0}));
}

TEST(OneSplitTest, TheSamePartAsInTheWholeDataSet) {
  const DataFolder folder;
  std::string lines;
  for (int i = 0; i < 20; ++i) lines += std::to_string(i % 2) + ",word" + std::to_string(i) + "\n";
  folder.write("train.csv", lines);
  folder.write("test.csv", "0,one\n1,two\n");
  DataConfig config = csv_config();
  config.test_per_class = 1;
  config.train_per_class = 8;
  config.limit.train = 14;
  config.validation_fraction = 0.25;
  const Dataset set = load_dataset(config, folder.path(), /*seed=*/3);
  for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest}) {
    const auto read = load_split(config, folder.path(), {split, 3, set.vocabulary, {}});
    EXPECT_EQ(read->examples.ids, set.split(split).ids);
    EXPECT_EQ(read->examples.labels, set.split(split).labels);
  }
}

TEST(OneSplitTest, SyntheticDataAreNotRead) {
  DataConfig config;
  config.type = DataType::kSyntheticImages;
  EXPECT_FALSE(load_split(config, "", {}));
}

TEST(OneSplitTest, PicturesByTheClassesOfTheRun) {
  if (!has_image_reader()) GTEST_SKIP() << "built without OpenCV";
  const std::string png = stored_png({2, 2, 3, std::vector<uint8_t>(12, 7)});
  const DataFolder folder;
  folder.write("test/cat/0.png", png);
  folder.write("test/ant/0.png", png);
  DataConfig config;
  config.type = DataType::kImageFolder;
  config.train_dir = "train";  // is not there
  config.test_dir = "test";
  config.size = {2, 2};
  const SplitRequest request{Split::kTest, 0, {}, {"ant", "bee", "cat"}};
  EXPECT_EQ(load_split(config, folder.path(), request)->examples.labels,
            (std::vector<int32_t>{0, 2}));
  const std::string stranger = folder.write("test/dog/0.png", png);
  EXPECT_EQ(error_of([&] { load_split(config, folder.path(), request); }),
            "2: " + std::filesystem::path(stranger).parent_path().string() +
                ": the run has no class of this name (got \"dog\")");
}

}  // namespace
}  // namespace nnrun
