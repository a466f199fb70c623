#pragma once

#include <string>
#include <vector>

namespace nnrun {

/// Rows of cells as lines of aligned columns, two spaces apart. Columns whose cells (the first row
/// aside) all begin with a digit or a sign are aligned on the right. Widths count code points.
///   aligned({{"layer", "parameters"}, {"C1", "12,200"}})
std::string aligned(const std::vector<std::vector<std::string>>& rows);

}  // namespace nnrun
