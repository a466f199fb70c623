#pragma once

#include <string>
#include <vector>

#include "app/options.h"

namespace nnrun {

/// `--color`; NO_COLOR and CLICOLOR_FORCE decide when it is `auto`.
void set_color_mode(ColorMode mode);

/// True when text for stderr may hold colour codes.
bool colored_errors();

/// Error lines on stderr, one per problem.
void print_problems(const std::vector<Problem>& problems, ErrorFormat format);

}  // namespace nnrun
