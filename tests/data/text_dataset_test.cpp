#include "data/text_dataset.h"

#include <gtest/gtest.h>

#include "data/data_files.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

using Ids = std::vector<int32_t>;

DataConfig config_of(TextUnit unit, int64_t max_length) {
  DataConfig config;
  config.type = DataType::kTextCsv;
  config.unit = unit;
  config.max_length = max_length;
  config.classes = 15;
  return config;
}

Texts texts_of(const std::vector<std::string>& texts) {
  return {texts, std::vector<int32_t>(texts.size(), 1)};
}

Ids row(const Examples& examples, int64_t index) {
  const int64_t length = static_cast<int64_t>(examples.ids.size()) / examples.size();
  const auto begin = examples.ids.begin() + index * length;
  return {begin, begin + length};
}

using Words = std::vector<std::string>;

// "Ab a." has the symbols space . A a b; lower-casing comes after, so id 2 (A) is never used.
TEST(TextDatasetTest, SymbolsAreSortedBeforeLowerCasing) {
  const Dataset set = text_dataset(config_of(TextUnit::kChar, 6), {texts_of({"Ab (a)."}), {}}, 0);
  EXPECT_EQ(set.vocabulary.entries, (Words{" ", ".", "A", "a", "b"}));
  EXPECT_EQ(row(set.train, 0), (Ids{3, 4, 0, 3, 1, 0}));
  EXPECT_EQ(set.train.lengths, (Ids{5}));
  EXPECT_EQ(set.input.shape.dims, (std::vector<int64_t>{6}));
  EXPECT_EQ(set.input.vocabulary, 5);
  EXPECT_EQ(set.input.classes, 15);
  EXPECT_EQ(set.input.buckets, 0);
}

TEST(TextDatasetTest, UnseenSymbolsGetTheIdOfTheSpace) {
  const Dataset set = text_dataset(config_of(TextUnit::kChar, 4),
                                   {texts_of({"ab"}), texts_of({"bzQa", "", "()", "abab a"})}, 0);
  EXPECT_EQ(set.vocabulary.entries, (Words{" ", "a", "b"}));
  EXPECT_EQ(row(set.test, 0), (Ids{2, 0, 0, 1}));
  EXPECT_EQ(row(set.test, 1), (Ids{0, 0, 0, 0}));
  EXPECT_EQ(row(set.test, 2), (Ids{0, 0, 0, 0}));
  EXPECT_EQ(row(set.test, 3), (Ids{1, 2, 1, 2}));
  EXPECT_EQ(set.test.lengths, (Ids{4, 0, 0, 4}));
}

// Upper-case letters that never occur in lower case are symbols, but no text can reach them.
TEST(TextDatasetTest, UpperCaseAloneIsUnseen) {
  const Dataset set = text_dataset(config_of(TextUnit::kChar, 2), {texts_of({"Qq", "Z"}), {}}, 0);
  EXPECT_EQ(set.vocabulary.entries, (Words{" ", "Q", "Z", "q"}));
  EXPECT_EQ(row(set.train, 0), (Ids{3, 3}));
  EXPECT_EQ(row(set.train, 1), (Ids{0, 0}));
}

// b 3 times, then a and c twice each: a was first.
TEST(TextDatasetTest, WordsByFrequencyThenFirstAppearance) {
  const Dataset set = text_dataset(config_of(TextUnit::kWord, 6),
                                   {texts_of({"a b. C b", "c A b d"}), texts_of({"x b"})}, 0);
  EXPECT_EQ(set.vocabulary.entries, (Words{"<pad>", "<unk>", "<end>", "b", "a", "c", "d"}));
  EXPECT_EQ(row(set.train, 0), (Ids{4, 3, 5, 3, 2, 0}));
  EXPECT_EQ(row(set.train, 1), (Ids{5, 4, 3, 6, 2, 0}));
  EXPECT_EQ(row(set.test, 0), (Ids{1, 3, 2, 0, 0, 0}));
  EXPECT_EQ(set.train.lengths, (Ids{5, 5}));
}

TEST(TextDatasetTest, EndSymbolComesBeforeTheCut) {
  const Dataset set = text_dataset(config_of(TextUnit::kWord, 3),
                                   {texts_of({"a a", "a a a", "a a a a", "", "(...)"}), {}}, 0);
  EXPECT_EQ(row(set.train, 0), (Ids{3, 3, 2}));
  EXPECT_EQ(row(set.train, 1), (Ids{3, 3, 3}));
  EXPECT_EQ(row(set.train, 2), (Ids{3, 3, 3}));
  EXPECT_EQ(row(set.train, 3), (Ids{2, 0, 0}));
  EXPECT_EQ(row(set.train, 4), (Ids{2, 0, 0}));
  EXPECT_EQ(set.train.lengths, (Ids{3, 3, 3, 1, 1}));
}

// Words by frequency, so "na" of the fifth text leads.
TEST(TextDatasetTest, TrickyTexts) {
  const std::vector<std::pair<std::string, Words>> golden{
      {"It's the dogs' home", {"it", "'s", "the", "dogs", "'", "home"}},
      {"They'll say I can't: we cannot.",
       {"they", "'ll", "say", "i", "ca", "n't", "we", "can", "not"}},
      {"rock 'n' roll", {"rock", "'n", "'", "roll"}},
      {"a''b", {"a", "''", "b"}},
      {"Gonna, wanna go", {"na", "gon", ",", "wan", "go"}},
      {"1,000, (and) U.S.A.", {"1,000", ",", "and", "u", "s", "a"}},
      {"café-bar – it", {"cafbar", "it"}},
      {"tab\there", {"tabhere"}},
  };
  for (const auto& [text, words] : golden) {
    const Dataset set = text_dataset(config_of(TextUnit::kWord, 12), {texts_of({text}), {}}, 0);
    EXPECT_EQ(Words(set.vocabulary.entries.begin() + 3, set.vocabulary.entries.end()), words)
        << text;
  }
}

TEST(TextDatasetTest, WhitespaceTokenizer) {
  DataConfig config = config_of(TextUnit::kWord, 5);
  config.tokenizer = Tokenizer::kWhitespace;
  const Dataset set = text_dataset(config, {texts_of({" It's  a, cannot. "}), {}}, 0);
  EXPECT_EQ(Words(set.vocabulary.entries.begin() + 3, set.vocabulary.entries.end()),
            (Words{"it's", "a,", "cannot"}));
}

TEST(TextDatasetTest, WithoutCleaning) {
  DataConfig config = config_of(TextUnit::kChar, 5);
  config.cleaning = Cleaning::kNone;
  const Dataset symbols = text_dataset(config, {texts_of({"é東Aa"}), {}}, 0);
  EXPECT_EQ(symbols.vocabulary.entries, (Words{" ", "A", "a", "é", "東"}));
  EXPECT_EQ(row(symbols.train, 0), (Ids{3, 4, 1, 2, 0}));

  config.unit = TextUnit::kWord;
  const Dataset words = text_dataset(config, {texts_of({"The café, the-東\u00a0end"}), {}}, 0);
  EXPECT_EQ(Words(words.vocabulary.entries.begin() + 3, words.vocabulary.entries.end()),
            (Words{"The", "café", ",", "the-東", "end"}));
}

TEST(TextDatasetTest, RareAndSurplusWordsAreUnknown) {
  DataConfig config = config_of(TextUnit::kWord, 4);
  config.min_count = 2;
  const TextSplits splits{texts_of({"a a b b", "a c b d", "d"}), {}};
  EXPECT_EQ(text_dataset(config, splits, 0).vocabulary.entries,
            (Words{"<pad>", "<unk>", "<end>", "a", "b", "d"}));
  config.max_vocabulary = 5;
  const Dataset set = text_dataset(config, splits, 0);
  EXPECT_EQ(set.vocabulary.entries, (Words{"<pad>", "<unk>", "<end>", "a", "b"}));
  EXPECT_EQ(row(set.train, 1), (Ids{3, 1, 4, 1}));
}

TEST(TextDatasetTest, SurplusSymbolsCountAsUnseen) {
  DataConfig config = config_of(TextUnit::kChar, 4);
  config.max_vocabulary = 3;
  const Dataset set = text_dataset(config, {texts_of({"cab", "cb", "c"}), {}}, 0);
  EXPECT_EQ(set.vocabulary.entries, (Words{" ", "b", "c"}));
  EXPECT_EQ(row(set.train, 0), (Ids{2, 0, 1, 0}));
}

// A word of the text that looks like a special entry is an ordinary word.
TEST(TextDatasetTest, SpecialEntriesAreNoWords) {
  DataConfig config = config_of(TextUnit::kWord, 3);
  config.cleaning = Cleaning::kNone;
  config.tokenizer = Tokenizer::kWhitespace;
  const Dataset set = text_dataset(config, {texts_of({"<end> a"}), texts_of({"<pad>"})}, 0);
  EXPECT_EQ(row(set.train, 0), (Ids{3, 4, 2}));
  EXPECT_EQ(row(set.test, 0), (Ids{1, 2, 0}));
}

TEST(TextDatasetTest, VocabularyOfTheTrainingPartThatRemains) {
  DataConfig config = config_of(TextUnit::kWord, 2);
  config.limit.train = 2;
  const TextSplits splits{texts_of({"a", "b", "c"}), texts_of({"z"})};
  EXPECT_EQ(text_dataset(config, splits, 0).vocabulary.entries,
            (Words{"<pad>", "<unk>", "<end>", "a", "b"}));
  config.vocabulary_from = VocabularyFrom::kTrainAndTest;
  EXPECT_EQ(text_dataset(config, splits, 0).vocabulary.entries,
            (Words{"<pad>", "<unk>", "<end>", "a", "b", "z"}));

  config.validation_fraction = 0.5;
  const Dataset set = text_dataset(config, splits, 0);
  EXPECT_EQ(set.vocabulary.size(), 5);
  EXPECT_EQ(row(set.train, 0), (Ids{3, 2}));
  EXPECT_EQ(row(set.validation, 0), (Ids{1, 2}));
}

TEST(TextDatasetTest, EncodesTextsWithAGivenVocabulary) {
  const DataConfig config = config_of(TextUnit::kWord, 4);
  const Dataset set = text_dataset(config, {texts_of({"the Foo is a river"}), {}}, 0);
  const Examples examples = encode_texts({"The river, is"}, config, set.vocabulary);
  EXPECT_EQ(examples.size(), 1);
  EXPECT_EQ(examples.ids, (Ids{3, 7, 1, 5}));
}

std::string hash_of_ids(const Examples& examples) {
  std::string text;
  for (int64_t i = 0; i < examples.size(); ++i) {
    const std::string line = dump_line(examples, i);
    text += (i > 0 ? "\n" : "") + line.substr(line.find(',') + 1);
  }
  return sha256(text);
}

class TextDatasetTestRealData : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = real_data_with("text/train_medium.csv");
    if (folder_.empty()) GTEST_SKIP() << "NNRUN_DATA names no folder with text/train_medium.csv";
  }

  Dataset load(TextUnit unit, Tokenizer tokenizer) const {
    DataConfig config = config_of(unit, 100);
    config.train_file = "text/train_medium.csv";
    config.test_file = "text/test_medium.csv";
    config.vocabulary_from = VocabularyFrom::kTrainAndTest;
    config.tokenizer = tokenizer;
    return load_dataset(config, folder_, /*seed=*/0);
  }

  std::string folder_;
};

// The training part's hashes are those of the 2020 report's own arrays;
// tests/reference/make_text_reference.py gives the same and those of the test part.
TEST_F(TextDatasetTestRealData, Symbols) {
  const Dataset set = load(TextUnit::kChar, Tokenizer::kTreebank);
  EXPECT_EQ(set.train.size(), 5600);
  EXPECT_EQ(set.test.size(), 700);
  EXPECT_EQ(set.vocabulary.size(), 65);
  EXPECT_EQ(hash_of_ids(set.train),
            "d58e0948e74e45a3adac2423ca3106cdeaa01d6878518e3778629631a6862012");
  EXPECT_EQ(hash_of_ids(set.test),
            "e42ae0495f89ac88e58ea597339926840308f99b5a456da6774ae5032bcd7d13");
  const Ids first = row(set.train, 0);
  EXPECT_EQ(Ids(first.begin(), first.begin() + 7), (Ids{0, 54, 39, 56, 49, 0, 42}));
}

TEST_F(TextDatasetTestRealData, Words) {
  const Dataset set = load(TextUnit::kWord, Tokenizer::kTreebank);
  EXPECT_EQ(set.vocabulary.size(), 35287);
  EXPECT_EQ(hash_of_ids(set.train),
            "0d5f0ac18f0557b1e265f2828dbf4366b7cd66ca5a469a5e02412e03c626dbea");
  EXPECT_EQ(hash_of_ids(set.test),
            "da9ebc75bd35af374ea6271af1e03e14b8e94bf832d978b572038a7ec7577777");
  EXPECT_EQ(set.vocabulary.entries.at(3), "the");
  EXPECT_EQ(set.vocabulary.entries.at(20), "'s");
  EXPECT_EQ(set.vocabulary.entries.at(156), "'");
  EXPECT_EQ(set.vocabulary.entries.at(1422), "n't");
}

TEST_F(TextDatasetTestRealData, WordsBetweenSpaces) {
  EXPECT_EQ(load(TextUnit::kWord, Tokenizer::kWhitespace).vocabulary.size(), 35994);
}

}  // namespace
}  // namespace nnrun
