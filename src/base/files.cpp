#include "nnrun/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>

#include "base/descriptor.h"
#include "nnrun/error.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;
using Pieces = std::vector<std::string_view>;

constexpr std::string_view kTemporaryPrefix = ".nnrun-", kTemporarySuffix = ".tmp";
constexpr mode_t kFileMode = 0666, kFolderMode = 0777;  // less the umask

[[noreturn]] void fail(const fs::path& path, const std::string& message) {
  Problem problem;
  problem.file = path.string();
  problem.message = message;
  throw EnvironmentError({problem});
}

[[noreturn]] void fail(const fs::path& path, const std::string& what, int error) {
  fail(path, what + " (" + std::generic_category().message(error) + ")");
}

void write_all(int descriptor, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail(path, "cannot be written", written < 0 ? errno : ENOSPC);
    content.remove_prefix(static_cast<size_t>(written));
  }
}

/// A new file of its own name beside the target; gone with this object unless it was renamed.
class Temporary {
 public:
  explicit Temporary(const fs::path& target) : target_(target) {
    static std::atomic<unsigned> counter{0};
    do {
      path_ =
          target.parent_path() / (std::string(kTemporaryPrefix) + std::to_string(::getpid()) + "-" +
                                  std::to_string(counter++) + std::string(kTemporarySuffix));
      descriptor_ =
          Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
    } while (!descriptor_ && errno == EEXIST);
    if (!descriptor_) fail(target, "cannot be written", errno);
  }
  ~Temporary() {
    if (!renamed_) ::unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  void fill(const Pieces& pieces, Sync sync) {
    for (const std::string_view piece : pieces) write_all(descriptor_.get(), piece, target_);
    if (sync == Sync::kDurable && ::fsync(descriptor_.get()) != 0) {
      fail(target_, "cannot be written", errno);
    }
    if (descriptor_.close() != 0)
      fail(target_, "cannot be written", errno);  // quotas of network disks
  }

  void rename_to_target() {
    if (::rename(path_.c_str(), target_.c_str()) != 0) fail(target_, "cannot be written", errno);
    renamed_ = true;
  }

 private:
  fs::path target_, path_;
  Descriptor descriptor_;
  bool renamed_ = false;
};

/// Makes a change of the name durable. Folders that cannot be opened or synced (some network file
/// systems) are left to their server.
void sync_folder(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor && ::fsync(descriptor.get()) != 0 && errno == EIO) {
    fail(path, "cannot be made durable", errno);
  }
}

/// True for devices, pipes and sockets, also behind a link such as /dev/stdout.
bool is_special(const fs::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

bool is_folder(const fs::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

void write_special(const fs::path& path, const Pieces& pieces) {
  const Descriptor descriptor(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!descriptor) fail(path, "cannot be written", errno);
  for (const std::string_view piece : pieces) write_all(descriptor.get(), piece, path);
}

Descriptor open_to_read(const fs::path& path, struct stat* info) {
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!descriptor && errno == ENOENT) fail(path, "no such file");
  if (!descriptor || ::fstat(descriptor.get(), info) != 0) fail(path, "cannot be read", errno);
  if (S_ISDIR(info->st_mode)) fail(path, "is a folder (expected a file)");
  return descriptor;
}

}  // namespace

std::string read_file(const fs::path& path, int64_t limit) {
  struct stat info {};
  const Descriptor descriptor = open_to_read(path, &info);
  const auto most = static_cast<size_t>(limit);
  // One byte more than the size says, so that the end is seen without growing.
  std::string content(std::min(static_cast<size_t>(info.st_size), most) + 1, '\0');
  for (size_t filled = 0;;) {
    if (filled == content.size()) content.resize(filled + std::max<size_t>(filled, 4096));
    const ssize_t count =
        ::read(descriptor.get(), content.data() + filled, content.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, "cannot be read", errno);
    filled += static_cast<size_t>(count);
    if (filled > most)
      fail(path, "is too large (expected at most " + std::to_string(limit) + " bytes)");
    if (count == 0) {
      content.resize(filled);
      return content;
    }
  }
}

void replace_file(const fs::path& path, std::string_view content, Sync sync) {
  replace_file(path, Pieces{content}, sync);
}

void replace_file(const fs::path& path, const Pieces& pieces, Sync sync,
                  const std::function<void()>& check) {
  if (is_special(path)) {
    check();
    return write_special(path, pieces);
  }
  Temporary temporary(path);
  temporary.fill(pieces, sync);
  check();
  temporary.rename_to_target();
  if (sync == Sync::kDurable) sync_folder(path);
}

bool is_there(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) return true;
  if (errno != ENOENT && errno != ENOTDIR) fail(path, "cannot be read", errno);
  return false;
}

void remove_file(const fs::path& path, Sync sync) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return;
    fail(path, "cannot be removed", errno);
  }
  if (sync == Sync::kDurable) sync_folder(path);
}

std::vector<fs::path> make_folders(const fs::path& folder) {
  std::vector<fs::path> made;
  if (folder.empty() || is_folder(folder)) return made;
  constexpr int kMostAttempts = 100;  // another process may remove the parent that was just seen
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    if (folder.has_parent_path() && folder.parent_path() != folder) {
      for (const fs::path& parent : make_folders(folder.parent_path())) made.push_back(parent);
    }
    if (::mkdir(folder.c_str(), kFolderMode) == 0) {
      made.push_back(folder);
      return made;
    }
    if (errno != ENOENT) break;
  }
  if (errno != EEXIST) fail(folder, "the folder cannot be made", errno);
  if (!is_there(folder)) fail(folder, "is a link to nowhere (expected a folder)");
  if (!is_folder(folder)) fail(folder, "is a file (expected a folder)");
  return made;
}

void check_writable(const fs::path& folder) {
  fs::path nearest = fs::absolute(folder);
  while (!is_there(nearest)) nearest = nearest.parent_path();
  if (!is_folder(nearest)) return;
  if (::faccessat(AT_FDCWD, nearest.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
    fail(nearest, "cannot be written", errno);
}

void sync_file(const fs::path& path) {
  if (!is_there(path) || is_special(path)) return;
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!descriptor || ::fsync(descriptor.get()) != 0) fail(path, "cannot be made durable", errno);
}

void append_file(const fs::path& path, std::string_view content) {
  Descriptor descriptor(
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, kFileMode));
  if (!descriptor) fail(path, "cannot be written", errno);
  write_all(descriptor.get(), content, path);
  if (descriptor.close() != 0) fail(path, "cannot be written", errno);
}

void detach_file(const fs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || is_special(path)) return;
  if (!S_ISLNK(info.st_mode) && info.st_nlink == 1) return;
  replace_file(path, is_there(path) ? read_file(path) : "", Sync::kDurable);
}

bool is_temporary(const fs::path& path) {
  const std::string name = path.filename().string();
  const size_t ends = kTemporaryPrefix.size() + kTemporarySuffix.size();
  if (name.size() <= ends || !name.starts_with(kTemporaryPrefix) ||
      !name.ends_with(kTemporarySuffix)) {
    return false;
  }
  const std::string middle = name.substr(kTemporaryPrefix.size(), name.size() - ends);
  return middle.find_first_not_of("0123456789-") == std::string::npos;
}

}  // namespace nnrun
