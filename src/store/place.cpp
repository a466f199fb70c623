#include "store/place.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "nnrun/store.h"

namespace nnrun {

namespace fs = std::filesystem;

/// Where that cannot be told (a server that does not answer, say), the next write says why.
bool leads_elsewhere(const fs::path& name, int descriptor) {
  struct stat opened {
  }, named{};
  if (::stat(name.c_str(), &named) != 0) return errno == ENOENT || errno == ENOTDIR;
  if (::fstat(descriptor, &opened) != 0) return false;
  return opened.st_dev != named.st_dev || opened.st_ino != named.st_ino;
}

void fail_lost(const fs::path& folder) {
  Problem problem;
  problem.file = folder.string();
  problem.message =
      "the folder or its lock was moved, deleted or replaced while it was in use; nothing more is "
      "written";
  throw LostFolderError({problem});
}

Place::Place(fs::path folder)
    : folder_(std::move(folder)),
      descriptor_(::open(folder_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_) return;
  Problem problem;
  problem.file = folder_.string();
  problem.message = "cannot be opened (" + std::generic_category().message(errno) + ")";
  throw EnvironmentError({problem});
}

void Place::check() const {
  if (leads_elsewhere(folder_, descriptor_.get())) fail_lost(folder_);
}

}  // namespace nnrun
