#pragma once

#include <cstddef>
#include <string>

namespace nnrun {

/// The line at a terminal's end that is written again and again, on stderr. One per process; log
/// lines of the process come above it.
void show_live_line(const std::string& text);  ///< in the place of the one before
void keep_live_line();   ///< what stands there stays; the next text begins a new line
void clear_live_line();  ///< nothing is left of it

/// Columns of the terminal on stderr; 0: unknown.
size_t terminal_columns();

}  // namespace nnrun
