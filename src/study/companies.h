#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "study/task.h"

namespace nnrun {

/// Members of a company at most: no launch serves more (kNnrunTogether).
constexpr size_t kMostTogether = 8;

/// Companies of neighbours in the same group, with up to `size` members each; who has no group or
/// nobody beside it stays alone. Their numbers are from `first` to less than `first` plus the
/// number of groups.
///   form_companies({7, 7, 7, 8, 8}, /*size=*/2, /*first=*/1)  // companies 1, 1, none, 4, 4
std::vector<Membership> form_companies(const std::vector<std::optional<int64_t>>& groups,
                                       size_t size, size_t first);

}  // namespace nnrun
