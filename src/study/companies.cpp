#include "study/companies.h"

#include <algorithm>

namespace nnrun {
namespace {

/// How many in a row are in the same group, from `begin` on: 1 to `most`.
size_t length_of_row(const std::vector<std::optional<int64_t>>& groups, size_t begin, size_t most) {
  if (!groups[begin]) return 1;
  const size_t limit = std::min(groups.size(), begin + most);
  size_t end = begin + 1;
  while (end < limit && groups[end] == groups[begin]) ++end;
  return end - begin;
}

}  // namespace

std::vector<Membership> form_companies(const std::vector<std::optional<int64_t>>& groups,
                                       size_t size, size_t first) {
  std::vector<Membership> memberships;
  while (memberships.size() < groups.size()) {
    const size_t begin = memberships.size();
    const size_t members = length_of_row(groups, begin, size);
    const Membership membership = members > 1 ? Membership{first + begin, members} : Membership{};
    memberships.insert(memberships.end(), members, membership);
  }
  return memberships;
}

}  // namespace nnrun
