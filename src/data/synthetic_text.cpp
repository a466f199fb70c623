#include <algorithm>
#include <string>
#include <string_view>

#include "data/synthetic.h"
#include "data/text_dataset.h"
#include "nnrun/random.h"

namespace nnrun {
namespace {

constexpr int64_t kClassWords = 8, kCommonWords = 60;
constexpr int64_t kLongest = 30;         // words
constexpr double kClassWordShare = 0.3;  // of the words behind the first

/// A made-up word of two syllables or more; another one for each number.
std::string word(int64_t number) {
  constexpr std::string_view kConsonants = "bdfgklmnprst", kVowels = "aeiou";
  constexpr auto kSyllables = static_cast<int64_t>(kConsonants.size() * kVowels.size());
  std::string text;
  for (int64_t rest = number + kSyllables; rest > 0; rest /= kSyllables) {
    const auto syllable = static_cast<size_t>(rest % kSyllables);
    text += kConsonants[syllable / kVowels.size()];
    text += kVowels[syllable % kVowels.size()];
  }
  return text;
}

/// Words that fill half to all of `max_length`, a word counting as five symbols.
int64_t length_of_text(const DataConfig& config, const RandomStream& random, uint64_t element) {
  const int64_t room = config.unit == TextUnit::kChar ? config.max_length / 5 : config.max_length;
  const int64_t longest = std::clamp<int64_t>(room, 1, kLongest);
  const int64_t shortest = (longest + 1) / 2;
  return shortest +
         static_cast<int64_t>(random.below(element, static_cast<uint64_t>(longest - shortest + 1)));
}

/// Text n: its first word and about three in ten others belong to its class, the rest to all
/// classes.
std::string make_text(const DataConfig& config, int64_t n, const RandomStream& random) {
  auto element = static_cast<uint64_t>(n * (2 * kLongest + 1));
  const int64_t length = length_of_text(config, random, element++);
  std::string text;
  for (int64_t i = 0; i < length; ++i) {
    const bool of_class = random.uniform(element++) < kClassWordShare || i == 0;
    const int64_t first = (of_class ? n % config.classes : config.classes) * kClassWords;
    const int64_t choices = of_class ? kClassWords : kCommonWords;
    const uint64_t drawn = random.below(element++, static_cast<uint64_t>(choices));
    text += (i > 0 ? " " : "") + word(first + static_cast<int64_t>(drawn));
  }
  return text;
}

Texts make_split(const DataConfig& config, int64_t count, const RandomStream& random) {
  Texts split;
  for (int64_t n = 0; n < count; ++n) {
    split.texts.push_back(make_text(config, n, random));
    split.labels.push_back(static_cast<int32_t>(n % config.classes));
  }
  return split;
}

}  // namespace

Dataset make_synthetic_text(const DataConfig& config, int64_t seed) {
  TextSplits splits;
  splits.train = make_split(config, config.train, synthetic_stream(seed, SyntheticPart::kTrain));
  splits.test = make_split(config, config.test, synthetic_stream(seed, SyntheticPart::kTest));
  return text_dataset(config, splits, seed);
}

}  // namespace nnrun
