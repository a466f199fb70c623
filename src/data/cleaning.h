#pragma once

#include <string>
#include <string_view>

/// The cleaning of the 2020 report (`"cleaning": "ascii"`).
namespace nnrun {

/// First step, all models: keeps a-z, A-Z, 0-9, caret, comma, period, apostrophe and space; deletes
/// everything else without a replacement.
std::string clean_characters(std::string_view text);

/// Second step, word models: anything but letters, digits and ( ) , ! ? ' ` " becomes a space; runs
/// of spaces become one; none at the ends; lower case.
std::string clean_words(std::string_view text);

/// A-Z to a-z; other bytes stay.
char lower_case(char byte);
void lower_case(std::string& text);

}  // namespace nnrun
