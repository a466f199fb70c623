#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/tokens.h"
#include "nnrun/data.h"

namespace nnrun {

/// Ids of the entries that every word vocabulary begins with.
enum WordId : int32_t { kPadId = 0, kUnknownId = 1, kEndId = 2, kFirstWordId = 3 };

/// The dictionary of `texts`. Symbols: sorted, the space always among them. Words: padding,
/// unknown, end, then by falling frequency, ties by first appearance. Entries rarer than
/// `min_count` and, from the rare end, those above `max_vocabulary` are left out.
Vocabulary build_vocabulary(const std::vector<const Tokens*>& texts, const DataConfig& config);

/// Looks tokens up in a vocabulary, which must outlive it.
class TokenIndex {
 public:
  TokenIndex(const Vocabulary& vocabulary, TextUnit unit);

  /// The id of `token`; of one that is not there the unknown word's, or that of the space.
  int32_t id(std::string_view token) const;
  int32_t padding() const { return padding_; }

 private:
  std::unordered_map<std::string_view, int32_t> ids_;
  int32_t padding_, missing_;
};

}  // namespace nnrun
