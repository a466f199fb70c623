#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/cleaning.h"

namespace nnrun {

/// The tokens of one text, one after another in one buffer.
///   Tokens tokens;
///   tokens.add("we");
///   tokens.add("'ll");
///   tokens[1];  // "'ll"
class Tokens {
 public:
  void add(std::string_view token) {
    text_ += token;
    ends_.push_back(text_.size());
  }
  int64_t size() const { return static_cast<int64_t>(ends_.size()); }
  std::string_view operator[](int64_t index) const {
    const auto i = static_cast<size_t>(index);
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(text_).substr(begin, ends_[i] - begin);
  }
  /// A-Z to a-z, in place.
  void lower_case() { nnrun::lower_case(text_); }

 private:
  std::string text_;
  std::vector<size_t> ends_;
};

}  // namespace nnrun
