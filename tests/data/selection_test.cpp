#include "data/selection.h"

#include <gtest/gtest.h>

#include "data/data_files.h"

namespace nnrun {
namespace {

using Indices = std::vector<int64_t>;

const std::vector<int32_t> kLabels{2, 0, 1, 0, 2, 2, 1, 0};

TEST(SelectionTest, AllByDefault) {
  const Selection chosen = select_examples({}, kLabels, {1, 1}, 3, /*seed=*/0);
  EXPECT_EQ(chosen.train, (Indices{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(chosen.test, (Indices{0, 1}));
  EXPECT_TRUE(chosen.validation.empty());
}

TEST(SelectionTest, FirstOfEachClassThenTheLimit) {
  DataConfig config;
  config.train_per_class = 2;
  config.limit.test = 3;
  EXPECT_EQ(select_examples(config, kLabels, kLabels, 3, 0).train, (Indices{0, 1, 2, 3, 4, 6}));
  EXPECT_EQ(select_examples(config, kLabels, kLabels, 3, 0).test, (Indices{0, 1, 2}));
  config.limit.train = 4;
  EXPECT_EQ(select_examples(config, kLabels, kLabels, 3, 0).train, (Indices{0, 1, 2, 3}));
  config.limit.train = 100;
  EXPECT_EQ(select_examples(config, kLabels, kLabels, 3, 0).train.size(), 6U);
}

TEST(SelectionTest, MoreOfAClassThanThereIs) {
  DataConfig config;
  config.train_per_class = 3;
  config.test_per_class = 1;
  EXPECT_EQ(error_of([&] {
              select_examples(config, kLabels, {0, 1}, 3, 0);
            }),
            "2: /data/train_per_class: class 1 has too few examples (got 3, expected at most 2)\n"
            "/data/test_per_class: class 2 has too few examples (got 1, expected at most 0)");
}

TEST(SelectionTest, ValidationTakesTheSameShareOfEachClass) {
  std::vector<int32_t> labels;
  for (int i = 0; i < 300; ++i) labels.push_back(i % 4 == 0 ? 0 : 1);  // 75 and 225
  DataConfig config;
  config.validation_fraction = 0.2;
  const Selection chosen = select_examples(config, labels, {0}, 2, /*seed=*/5);
  EXPECT_EQ(chosen.validation.size(), 15U + 45U);
  EXPECT_EQ(chosen.train.size(), 240U);
  EXPECT_EQ(std::count_if(chosen.validation.begin(), chosen.validation.end(),
                          [](int64_t i) { return i % 4 == 0; }),
            15);
  EXPECT_TRUE(std::is_sorted(chosen.validation.begin(), chosen.validation.end()));
  EXPECT_TRUE(std::is_sorted(chosen.train.begin(), chosen.train.end()));
  Indices all = chosen.train;
  all.insert(all.end(), chosen.validation.begin(), chosen.validation.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
  EXPECT_EQ(all.size(), 300U);

  EXPECT_EQ(select_examples(config, labels, {0}, 2, 5).validation, chosen.validation);
  EXPECT_NE(select_examples(config, labels, {0}, 2, 6).validation, chosen.validation);
}

TEST(SelectionTest, ValidationComesAfterTheLimit) {
  DataConfig config;
  config.limit.train = 4;
  config.validation_fraction = 0.5;
  const Selection chosen = select_examples(config, {0, 0, 0, 0, 0, 0}, {0}, 1, 1);
  EXPECT_EQ(chosen.train.size(), 2U);
  EXPECT_EQ(chosen.validation.size(), 2U);
  EXPECT_LT(chosen.validation.back(), 4);
}

TEST(SelectionTest, EmptyPartsAreRefused) {
  DataConfig config;
  config.validation_fraction = 0.01;
  EXPECT_EQ(
      error_of([&] { select_examples(config, kLabels, kLabels, 3, 0); }),
      "2: /data/validation_fraction: leaves no example for validation (got 0.01 of each class)");
  config.validation_fraction = 0.99;
  EXPECT_EQ(
      error_of([&] { select_examples(config, kLabels, kLabels, 3, 0); }),
      "2: /data/validation_fraction: leaves no example for training (got 0.99 of each class)");
}

TEST(SelectionTest, TakesImages) {
  Examples all;
  all.pixels = {10, 11, 20, 21, 30, 31};
  all.labels = {1, 2, 3};
  const Examples some = take(all, {0, 2});
  EXPECT_EQ(some.pixels, (std::vector<uint8_t>{10, 11, 30, 31}));
  EXPECT_EQ(some.labels, (std::vector<int32_t>{1, 3}));
}

}  // namespace
}  // namespace nnrun
