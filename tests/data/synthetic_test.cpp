#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "nnrun/data.h"

namespace nnrun {
namespace {

DataConfig images_config() {
  DataConfig config;
  config.type = DataType::kSyntheticImages;
  config.classes = 10;
  config.train = 200;
  config.test = 100;
  return config;
}

/// Squared distance between image i of `a` and image j of `b`.
int64_t distance(const Examples& a, int64_t i, const Examples& b, int64_t j) {
  const int64_t size = static_cast<int64_t>(a.pixels.size()) / a.size();
  int64_t sum = 0;
  for (int64_t k = 0; k < size; ++k) {
    const int64_t d =
        a.pixels[static_cast<size_t>(i * size + k)] - b.pixels[static_cast<size_t>(j * size + k)];
    sum += d * d;
  }
  return sum;
}

/// Share of `test` whose nearest neighbour among `train` has the same label.
double nearest_neighbour_accuracy(const Examples& train, const Examples& test) {
  int64_t correct = 0;
  for (int64_t i = 0; i < test.size(); ++i) {
    int64_t best = std::numeric_limits<int64_t>::max();
    int32_t label = -1;
    for (int64_t j = 0; j < train.size(); ++j) {
      const int64_t apart = distance(test, i, train, j);
      if (apart < best) best = apart, label = train.labels[static_cast<size_t>(j)];
    }
    correct += label == test.labels[static_cast<size_t>(i)] ? 1 : 0;
  }
  return static_cast<double>(correct) / static_cast<double>(test.size());
}

TEST(SyntheticTest, ImagesHaveTheShapeAskedFor) {
  DataConfig config = images_config();
  config.shape = {1, 5, 7};
  config.classes = 3;
  const Dataset set = load_dataset(config, "", /*seed=*/1);
  EXPECT_EQ(set.train.size(), 200);
  EXPECT_EQ(set.test.size(), 100);
  EXPECT_EQ(set.train.pixels.size(), 200U * 35U);
  EXPECT_EQ(set.input.shape.dims, (std::vector<int64_t>{1, 5, 7}));
  EXPECT_EQ(set.input.classes, 3);
  EXPECT_EQ(std::vector<int32_t>(set.test.labels.begin(), set.test.labels.begin() + 4),
            (std::vector<int32_t>{0, 1, 2, 0}));
}

TEST(SyntheticTest, ImagesCanBeLearned) {
  const Dataset set = load_dataset(images_config(), "", 1);
  EXPECT_EQ(nearest_neighbour_accuracy(set.train, set.test), 1.0);
}

TEST(SyntheticTest, NoiseSetsHowFarTheImagesOfAClassLieApart) {
  DataConfig config = images_config();
  config.noise = 0;
  const Dataset clean = load_dataset(config, "", 1);
  EXPECT_EQ(distance(clean.train, 0, clean.train, 10), 0);
  EXPECT_EQ(distance(clean.train, 3, clean.test, 3), 0);
  config.noise = 0.5;  // two independent deviations of 24 grey levels: 2 * 24^2 per pixel
  const Dataset noisy = load_dataset(config, "", 1);
  EXPECT_NEAR(static_cast<double>(distance(noisy.train, 0, noisy.train, 10)) / 3072, 2 * 24 * 24,
              60);
}

TEST(SyntheticTest, SeedsGiveOtherImages) {
  EXPECT_EQ(load_dataset(images_config(), "", 1).hash, load_dataset(images_config(), "", 1).hash);
  EXPECT_NE(load_dataset(images_config(), "", 1).hash, load_dataset(images_config(), "", 2).hash);
}

DataConfig text_config(TextUnit unit, int64_t max_length) {
  DataConfig config;
  config.type = DataType::kSyntheticText;
  config.classes = 4;
  config.train = 400;
  config.test = 100;
  config.unit = unit;
  config.max_length = max_length;
  return config;
}

/// Share of `test` that naive Bayes over ids, learned from `train`, labels rightly.
double naive_bayes_accuracy(const Examples& train, const Examples& test, int64_t classes,
                            int64_t vocabulary) {
  const auto at = [&](int64_t label, int32_t id) {
    return static_cast<size_t>(label * vocabulary + id);
  };
  std::vector<double> counts(static_cast<size_t>(classes * vocabulary), 0.1);
  const int64_t length = static_cast<int64_t>(train.ids.size()) / train.size();
  for (size_t k = 0; k < train.ids.size(); ++k) {
    counts[at(train.labels[k / static_cast<size_t>(length)], train.ids[k])] += 1;
  }
  int64_t correct = 0;
  for (int64_t i = 0; i < test.size(); ++i) {
    std::vector<double> scores(static_cast<size_t>(classes));
    for (int64_t label = 0; label < classes; ++label) {
      for (int64_t k = i * length; k < (i + 1) * length; ++k) {
        scores[static_cast<size_t>(label)] +=
            std::log(counts[at(label, test.ids[static_cast<size_t>(k)])]);
      }
    }
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    correct += best == test.labels[static_cast<size_t>(i)] ? 1 : 0;
  }
  return static_cast<double>(correct) / static_cast<double>(test.size());
}

TEST(SyntheticTest, WordsCanBeLearned) {
  const Dataset set = load_dataset(text_config(TextUnit::kWord, 40), "", 1);
  EXPECT_EQ(set.train.size(), 400);
  EXPECT_EQ(set.input.shape.dims, (std::vector<int64_t>{40}));
  EXPECT_EQ(set.vocabulary.size(), 3 + 4 * 8 + 60);
  EXPECT_EQ(naive_bayes_accuracy(set.train, set.test, 4, set.vocabulary.size()), 1.0);
}

TEST(SyntheticTest, TextsFitTheLengthAskedFor) {
  for (const auto& [unit, length] :
       {std::pair{TextUnit::kWord, 1}, {TextUnit::kChar, 3}, {TextUnit::kChar, 200}}) {
    const Dataset set = load_dataset(text_config(unit, length), "", 1);
    EXPECT_EQ(set.train.ids.size(), 400U * static_cast<size_t>(length));
    EXPECT_GE(*std::min_element(set.train.lengths.begin(), set.train.lengths.end()), length / 3);
  }
}

TEST(SyntheticTest, SeedsGiveOtherTexts) {
  const DataConfig config = text_config(TextUnit::kChar, 50);
  EXPECT_EQ(load_dataset(config, "", 1).hash, load_dataset(config, "", 1).hash);
  EXPECT_NE(load_dataset(config, "", 1).hash, load_dataset(config, "", 2).hash);
}

}  // namespace
}  // namespace nnrun
