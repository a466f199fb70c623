#pragma once

#include <filesystem>
#include <string>

#include "nnrun/error.h"

namespace nnrun {

/// A problem of a file as a whole: `FILE: message`.
inline Problem at_whole_file(const std::filesystem::path& file, const std::string& message) {
  Problem problem;
  problem.file = file.string();
  problem.message = message;
  return problem;
}

/// A StoreError at `file`: "FILE: is damaged: REASON".
[[noreturn]] inline void damaged(const std::string& file, const std::string& reason) {
  throw StoreError({at_whole_file(file, "is damaged: " + reason)});
}

}  // namespace nnrun
