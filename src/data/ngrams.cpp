#include "data/ngrams.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/utf8.h"
#include "nnrun/random.h"

namespace nnrun {
namespace {

/// Hashed ids, all above the vocabulary's.
class Buckets {
 public:
  Buckets(int64_t first, int64_t count, std::vector<int32_t>& ids)
      : first_(first), count_(count), ids_(ids) {}
  void add(std::string_view text) {
    ids_.push_back(static_cast<int32_t>(first_ + int64_t{fnv1a(text)} % count_));
  }

 private:
  int64_t first_, count_;
  std::vector<int32_t>& ids_;
};

void add_word_ngrams(const std::vector<std::string_view>& words, int64_t longest,
                     Buckets& buckets) {
  for (size_t begin = 0; begin < words.size(); ++begin) {
    std::string run(words[begin]);
    const size_t end = std::min(words.size(), begin + static_cast<size_t>(longest));
    for (size_t i = begin + 1; i < end; ++i) {
      run.append(" ").append(words[i]);
      buckets.add(run);
    }
  }
}

/// Where each character of `text` begins, and its end.
std::vector<size_t> character_borders(std::string_view text) {
  std::vector<size_t> borders{0};
  while (borders.back() < text.size()) {
    borders.push_back(borders.back() +
                      std::max<size_t>(utf8_length(text.substr(borders.back())), 1));
  }
  return borders;
}

void add_char_ngrams(std::string_view word, const std::array<int64_t, 2>& range, Buckets& buckets) {
  const std::string marked = "<" + std::string(word) + ">";
  const std::vector<size_t> borders = character_borders(marked);
  const auto [shortest, longest] = range;
  const auto characters = static_cast<int64_t>(borders.size()) - 1;
  for (int64_t begin = 0; begin < characters; ++begin) {
    for (int64_t n = shortest; n <= longest && begin + n <= characters; ++n) {
      if (n == 1 && (begin == 0 || begin + 1 == characters)) continue;
      const size_t from = borders[static_cast<size_t>(begin)];
      const size_t to = borders[static_cast<size_t>(begin + n)];
      buckets.add(std::string_view(marked).substr(from, to - from));
    }
  }
}

}  // namespace

bool has_ngrams(const DataConfig& config) { return config.ngrams > 1 || config.char_ngrams; }

void append_ngrams(const std::vector<std::string_view>& words, const DataConfig& config,
                   int64_t vocabulary, std::vector<int32_t>& ids) {
  Buckets buckets(vocabulary, config.ngram_buckets, ids);
  add_word_ngrams(words, config.ngrams, buckets);
  if (!config.char_ngrams) return;
  for (const std::string_view word : words) add_char_ngrams(word, *config.char_ngrams, buckets);
}

}  // namespace nnrun
