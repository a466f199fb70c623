#include "data/ngrams.h"

#include <gtest/gtest.h>

#include <string_view>

#include "nnrun/data.h"
#include "nnrun/random.h"

namespace nnrun {
namespace {

using Ids = std::vector<int32_t>;

Ids ids_of(const std::vector<std::string_view>& words, const DataConfig& config,
           int64_t vocabulary) {
  Ids ids;
  append_ngrams(words, config, vocabulary, ids);
  return ids;
}

/// What each n-gram should hash to.
Ids hashed(const std::vector<std::string>& ngrams, const DataConfig& config, int64_t vocabulary) {
  Ids ids;
  for (const std::string& ngram : ngrams) {
    ids.push_back(static_cast<int32_t>(vocabulary + fnv1a(ngram) % config.ngram_buckets));
  }
  return ids;
}

TEST(NgramsTest, NoneByDefault) {
  EXPECT_FALSE(has_ngrams({}));
  EXPECT_TRUE(ids_of({"a", "b"}, {}, 10).empty());
}

TEST(NgramsTest, WordsUpToN) {
  DataConfig config;
  config.ngrams = 3;
  EXPECT_TRUE(has_ngrams(config));
  EXPECT_EQ(ids_of({"a", "b", "c"}, config, 10), hashed({"a b", "a b c", "b c"}, config, 10));
  EXPECT_TRUE(ids_of({"a"}, config, 10).empty());
}

// FNV-1a of "a" is 0xe40c292c (the published test value); "<a>" has the single characters < and >
// left out.
TEST(NgramsTest, CharactersAsFastTextSubwords) {
  DataConfig config;
  config.char_ngrams = {1, 3};
  config.ngram_buckets = 1000;
  EXPECT_EQ(ids_of({"a"}, config, 7), hashed({"<a", "<a>", "a", "a>"}, config, 7));
  EXPECT_EQ(ids_of({"a"}, config, 7)[2], 7 + int32_t{0xe40c292cU % 1000});
  config.char_ngrams = {2, 2};
  EXPECT_EQ(ids_of({"ab", "c"}, config, 7), hashed({"<a", "ab", "b>", "<c", "c>"}, config, 7));
}

TEST(NgramsTest, CharactersAreCodePoints) {
  DataConfig config;
  config.char_ngrams = {2, 2};
  EXPECT_EQ(ids_of({"é東"}, config, 0), hashed({"<é", "é東", "東>"}, config, 0));
}

TEST(NgramsTest, ExamplesHoldThemOneAfterAnother) {
  DataConfig config;
  config.type = DataType::kTextCsv;
  config.unit = TextUnit::kWord;
  config.classes = 2;
  config.max_length = 3;
  config.ngrams = 2;
  config.ngram_buckets = 50;
  const Vocabulary vocabulary{{"<pad>", "<unk>", "<end>", "a", "b"}};
  const Examples examples = encode_texts({"a b", "a", "", "a b z cut"}, config, vocabulary);
  EXPECT_EQ(examples.extra_offsets, (std::vector<int64_t>{0, 1, 1, 1, 3}));
  EXPECT_EQ(examples.extra_ids, hashed({"a b", "a b", "b z"}, config, 5));
  config.ngrams = 1;
  EXPECT_TRUE(encode_texts({"a b"}, config, vocabulary).extra_offsets.empty());
}

}  // namespace
}  // namespace nnrun
