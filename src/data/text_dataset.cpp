#include "data/text_dataset.h"

#include <algorithm>
#include <string_view>

#include "data/ngrams.h"
#include "data/selection.h"
#include "data/tokenizer.h"
#include "data/vocabulary.h"

namespace nnrun {
namespace {

/// Turns tokens into padded ids, one text after another.
class Encoder {
 public:
  Encoder(const DataConfig& config, const Vocabulary& vocabulary)
      : config_(config), index_(vocabulary, config.unit), vocabulary_(vocabulary.size()) {}

  void append(Tokens tokens, int32_t label, Examples& examples) const {
    if (config_.unit == TextUnit::kChar && config_.cleaning == Cleaning::kAscii)
      tokens.lower_case();
    const int64_t kept = std::min(tokens.size(), config_.max_length);
    append_ids(tokens, kept, examples);
    if (has_ngrams(config_)) append_extra_ids(tokens, kept, examples);
    examples.labels.push_back(label);
  }

 private:
  /// The first `kept` tokens, the end symbol of words if there is room, padding.
  void append_ids(const Tokens& tokens, int64_t kept, Examples& examples) const {
    std::vector<int32_t>& ids = examples.ids;
    const size_t begin = ids.size();
    for (int64_t i = 0; i < kept; ++i) ids.push_back(index_.id(tokens[i]));
    if (config_.unit == TextUnit::kWord && kept < config_.max_length) ids.push_back(kEndId);
    examples.lengths.push_back(static_cast<int32_t>(ids.size() - begin));
    ids.resize(begin + static_cast<size_t>(config_.max_length), index_.padding());
  }

  void append_extra_ids(const Tokens& tokens, int64_t kept, Examples& examples) const {
    std::vector<std::string_view> words;
    for (int64_t i = 0; i < kept; ++i) words.push_back(tokens[i]);
    if (examples.extra_offsets.empty()) examples.extra_offsets.push_back(0);
    append_ngrams(words, config_, vocabulary_, examples.extra_ids);
    examples.extra_offsets.push_back(static_cast<int64_t>(examples.extra_ids.size()));
  }

  const DataConfig& config_;
  TokenIndex index_;
  int64_t vocabulary_;
};

/// The texts `indices` of a split, cut into tokens.
struct TokenizedPart {
  std::vector<Tokens> texts;
  std::vector<int32_t> labels;
};

TokenizedPart tokenize_part(const Texts& split, const std::vector<int64_t>& indices,
                            const DataConfig& config) {
  TokenizedPart part;
  for (const int64_t i : indices) {
    part.texts.push_back(tokenize(split.texts[static_cast<size_t>(i)], config));
    part.labels.push_back(split.labels[static_cast<size_t>(i)]);
  }
  return part;
}

Examples encode(const TokenizedPart& part, const Encoder& encoder) {
  Examples examples;
  for (size_t i = 0; i < part.texts.size(); ++i) {
    encoder.append(part.texts[i], part.labels[i], examples);
  }
  return examples;
}

Vocabulary vocabulary_of(const TokenizedPart& train, const TokenizedPart& test,
                         const DataConfig& config) {
  std::vector<const Tokens*> texts;
  for (const Tokens& tokens : train.texts) texts.push_back(&tokens);
  if (config.vocabulary_from == VocabularyFrom::kTrainAndTest) {
    for (const Tokens& tokens : test.texts) texts.push_back(&tokens);
  }
  return build_vocabulary(texts, config);
}

InputSpec input_of(const DataConfig& config, const Vocabulary& vocabulary) {
  InputSpec input;
  input.shape = {ShapeKind::kIds, {config.max_length}};
  input.classes = config.classes;
  input.vocabulary = vocabulary.size();
  input.buckets = has_ngrams(config) ? config.ngram_buckets : 0;
  return input;
}

}  // namespace

Dataset text_dataset(const DataConfig& config, const TextSplits& splits, int64_t seed) {
  const Selection chosen =
      select_examples(config, splits.train.labels, splits.test.labels, config.classes, seed);
  const TokenizedPart train = tokenize_part(splits.train, chosen.train, config);
  const TokenizedPart test = tokenize_part(splits.test, chosen.test, config);
  Dataset set;
  set.vocabulary = vocabulary_of(train, test, config);
  set.input = input_of(config, set.vocabulary);
  const Encoder encoder(config, set.vocabulary);
  set.train = encode(train, encoder);
  set.validation = encode(tokenize_part(splits.train, chosen.validation, config), encoder);
  set.test = encode(test, encoder);
  return set;
}

Examples encode_texts(const std::vector<std::string>& texts, const DataConfig& config,
                      const Vocabulary& vocabulary) {
  const Encoder encoder(config, vocabulary);
  Examples examples;
  for (const std::string& text : texts) encoder.append(tokenize(text, config), 0, examples);
  return examples;
}

}  // namespace nnrun
