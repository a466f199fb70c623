#pragma once

#include <string>
#include <string_view>

namespace nnrun {

/// The word rules of the Penn Treebank as NLTK 3.2.5's word_tokenize applies them to one sentence
/// (nltk/tokenize/treebank.py of that version; later versions differ): the text with spaces around
/// each token. Bytes above 127 count as letters; sentences are not told apart, so of several full
/// stops only the last one becomes a token.
std::string treebank(std::string_view text);

}  // namespace nnrun
