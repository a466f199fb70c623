#include <gtest/gtest.h>

#include "nnrun/data.h"

namespace nnrun {
namespace {

TEST(DatasetTest, DumpLineOfAnImageIsItsBytes) {
  Examples examples;
  examples.pixels = {0, 255, 7, 1, 2, 3};
  examples.labels = {4, 9};
  EXPECT_EQ(dump_line(examples, 0), "4,0,255,7");
  EXPECT_EQ(dump_line(examples, 1), "9,1,2,3");
}

TEST(DatasetTest, DumpLineOfATextIsItsIds) {
  Examples examples;
  examples.ids = {5, 2, 0, 70000, 1, 2};
  examples.labels = {1, 14};
  EXPECT_EQ(dump_line(examples, 1), "14,70000,1,2");
}

TEST(DatasetTest, SplitsByName) {
  Dataset set;
  set.train.labels = {1};
  set.test.labels = {1, 2};
  EXPECT_EQ(set.validation_split(), Split::kTest);
  set.validation.labels = {1, 2, 3};
  EXPECT_EQ(set.validation_split(), Split::kValidation);
  EXPECT_EQ(set.split(Split::kTrain).size(), 1);
  EXPECT_EQ(set.split(Split::kTest).size(), 2);
  EXPECT_EQ(set.split(Split::kValidation).size(), 3);
}

TEST(DatasetTest, HashTellsDataApart) {
  DataConfig config;
  config.type = DataType::kSyntheticImages;
  config.classes = 2;
  config.train = 20;
  config.test = 10;
  const std::string hash = load_dataset(config, "", 1).hash;
  EXPECT_EQ(hash.size(), 64U);
  config.limit.train = 19;
  EXPECT_NE(load_dataset(config, "", 1).hash, hash);
  config.limit.train = 20;
  EXPECT_EQ(load_dataset(config, "", 1).hash, hash);
}

}  // namespace
}  // namespace nnrun
