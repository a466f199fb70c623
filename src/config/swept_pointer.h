#pragma once

#include <string_view>

namespace nnrun {

/// What the pointers of swept paths and their values begin with.
inline constexpr std::string_view kSweptPointers = "/sweep/parameters/";

/// Whether `pointer` is that of a swept path as a whole, which stands for values made from a range.
inline bool is_swept_path(std::string_view pointer) {
  return pointer.starts_with(kSweptPointers) &&
         pointer.find('/', kSweptPointers.size()) == std::string_view::npos;
}

}  // namespace nnrun
