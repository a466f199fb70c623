#include "data/treebank.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/tokenizer.h"
#include "repository.h"

namespace nnrun {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  DataConfig config;
  config.unit = TextUnit::kWord;
  config.cleaning = Cleaning::kNone;
  const Tokens tokens = tokenize(text, config);
  std::vector<std::string> words;
  for (int64_t i = 0; i < tokens.size(); ++i) words.emplace_back(tokens[i]);
  return words;
}

// tests/reference/make_treebank_reference.py: what NLTK 3.2.5 itself gives.
TEST(TreebankTest, EqualsNltk325) {
  std::ifstream file(repository() / "tests/data/treebank_reference.jsonl");
  int count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    const auto expected = nlohmann::json::parse(line);
    EXPECT_EQ(words_of(expected["text"]), expected["tokens"].get<std::vector<std::string>>())
        << line;
  }
  EXPECT_GT(count, 800);
}

TEST(TreebankTest, SpacesAroundTokens) {
  EXPECT_EQ(treebank("it's"), " it 's ");
  EXPECT_EQ(treebank("cannot"), "  can not  ");
  EXPECT_EQ(treebank(""), "  ");
}

}  // namespace
}  // namespace nnrun
