#include "study/find_folders.h"

#include <algorithm>

#include "store/own_files.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

void find(const fs::path& folder, const std::vector<RunState>& wanted,
          std::vector<fs::path>& found) {
  if (std::ranges::find(wanted, inspect(folder)) != wanted.end()) {
    found.push_back(folder);
    return;
  }
  for (const fs::path& entry : entries_of(folder)) {
    std::error_code ignored;
    if (fs::is_directory(fs::symlink_status(entry, ignored))) find(entry, wanted, found);
  }
}

}  // namespace

std::vector<fs::path> find_folders(const fs::path& folder, const std::vector<RunState>& wanted) {
  std::vector<fs::path> found;
  find(folder, wanted, found);
  return found;
}

}  // namespace nnrun
