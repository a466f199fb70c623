#include "data/vocabulary.h"

#include <algorithm>
#include <string>
#include <utility>

namespace nnrun {
namespace {

constexpr std::string_view kSpace = " ";

struct Count {
  std::string_view token;
  int64_t count = 0;
};

/// How often each token occurs, in order of first appearance.
std::vector<Count> count_tokens(const std::vector<const Tokens*>& texts) {
  std::vector<Count> counts;
  std::unordered_map<std::string_view, size_t> places;
  for (const Tokens* tokens : texts) {
    for (int64_t i = 0; i < tokens->size(); ++i) {
      const auto [place, is_new] = places.try_emplace((*tokens)[i], counts.size());
      if (is_new) counts.push_back({(*tokens)[i]});
      ++counts[place->second].count;
    }
  }
  return counts;
}

/// The most frequent first; none rarer than `min_count`, at most `room`.
void keep_frequent(std::vector<Count>& counts, int64_t min_count, int64_t room) {
  std::stable_sort(counts.begin(), counts.end(),
                   [](const Count& a, const Count& b) { return a.count > b.count; });
  const auto rare = std::find_if(counts.begin(), counts.end(),
                                 [&](const Count& entry) { return entry.count < min_count; });
  const int64_t kept = std::min<int64_t>(rare - counts.begin(), std::max<int64_t>(room, 0));
  counts.resize(static_cast<size_t>(kept));
}

}  // namespace

Vocabulary build_vocabulary(const std::vector<const Tokens*>& texts, const DataConfig& config) {
  const bool words = config.unit == TextUnit::kWord;
  Vocabulary vocabulary;
  if (words) {
    vocabulary.entries = {"<pad>", "<unk>", "<end>"};
  } else {
    vocabulary.entries = {std::string(kSpace)};
  }
  std::vector<Count> counts = count_tokens(texts);
  if (!words) std::erase_if(counts, [](const Count& entry) { return entry.token == kSpace; });
  const int64_t room = config.max_vocabulary ? *config.max_vocabulary - vocabulary.size()
                                             : static_cast<int64_t>(counts.size());
  keep_frequent(counts, config.min_count, room);
  for (const Count& entry : counts) vocabulary.entries.emplace_back(entry.token);
  if (!words) std::sort(vocabulary.entries.begin(), vocabulary.entries.end());
  return vocabulary;
}

TokenIndex::TokenIndex(const Vocabulary& vocabulary, TextUnit unit) {
  const bool words = unit == TextUnit::kWord;
  const auto size = static_cast<int32_t>(vocabulary.size());
  ids_.reserve(vocabulary.entries.size());
  for (int32_t id = words ? kFirstWordId : 0; id < size; ++id) {
    ids_.emplace(vocabulary.entries[static_cast<size_t>(id)], id);
  }
  padding_ = words ? int32_t{kPadId} : ids_.at(kSpace);
  missing_ = words ? int32_t{kUnknownId} : padding_;
}

int32_t TokenIndex::id(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? missing_ : found->second;
}

}  // namespace nnrun
