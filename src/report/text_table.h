#pragma once

#include <string>
#include <vector>

namespace nnrun {

/// `text` with its control characters escaped, so that it keeps to its line, and so with bytes that
/// are no UTF-8.
std::string one_line(const std::string& text);

/// Columns that the text takes: its code points.
size_t width_of(const std::string& text);

/// Rows of cells as lines of aligned columns, two spaces apart. Columns whose cells (the first row
/// aside) all begin with a digit or a sign are aligned on the right. Widths count code points.
/// Cells are shown as `one_line`.
///   aligned({{"layer", "parameters"}, {"C1", "12,200"}})
std::string aligned(std::vector<std::vector<std::string>> rows);

}  // namespace nnrun
