#pragma once

#include <string>

#include "nnrun/error.h"

namespace nnrun {

/// A StoreError at `file`: "FILE: is damaged: REASON".
[[noreturn]] inline void damaged(const std::string& file, const std::string& reason) {
  Problem problem;
  problem.file = file;
  problem.message = "is damaged: " + reason;
  throw StoreError({problem});
}

}  // namespace nnrun
