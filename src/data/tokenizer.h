#pragma once

#include <string_view>

#include "data/tokens.h"
#include "nnrun/config.h"

namespace nnrun {

/// Cleans a text and cuts it into symbols (`unit: char`; each a UTF-8 character, case kept) or
/// words
/// (`unit: word`), as `config` says.
Tokens tokenize(std::string_view text, const DataConfig& config);

}  // namespace nnrun
