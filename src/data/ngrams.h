#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nnrun/config.h"

namespace nnrun {

/// True when `config` asks for n-gram ids.
bool has_ngrams(const DataConfig& config);

/// Appends to `ids` the hashed ids of a text's `words`: `vocabulary` + FNV-1a mod `ngram_buckets`
/// of each run of 2 to `ngrams` words, joined by spaces, and of each run of `char_ngrams`
/// characters of <word>, the single marks < and > left out (Bojanowski et al., "Enriching word
/// vectors with subword information", 2017, as fastText's Dictionary::computeSubwords does).
void append_ngrams(const std::vector<std::string_view>& words, const DataConfig& config,
                   int64_t vocabulary, std::vector<int32_t>& ids);

}  // namespace nnrun
