#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/descriptor.h"
#include "nnrun/files.h"
#include "nnrun/store.h"
#include "store/own_files.h"
#include "store/place.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, int error) {
  Problem problem;
  problem.file = file.string();
  problem.message = "cannot be locked (" + std::generic_category().message(error) + ")";
  throw EnvironmentError({problem});
}

/// Of the whole file.
struct flock whole_lock() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// Locks the file for this open file description; false when another holds it.
bool lock_file(const Descriptor& descriptor, const fs::path& file) {
  struct flock lock = whole_lock();
  if (::fcntl(descriptor.get(), F_OFD_SETLK, &lock) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  fail(file, errno);
}

/// Whether the name still leads to the open file: its last holder may have removed it meanwhile.
bool is_at(int descriptor, const fs::path& file) {
  struct stat open_file {
  }, named{};
  return ::fstat(descriptor, &open_file) == 0 && ::lstat(file.c_str(), &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

/// "process 12 on host n1" as the holder wrote it; it may not have come to that yet.
std::string holder_in(const fs::path& file) {
  try {
    const std::string text = read_file(file, 1024);
    if (!text.empty()) return escaped(text.substr(0, text.find('\n')));
  } catch (const EnvironmentError&) {  // gone or not readable: only its name is lost
  }
  return "another process";
}

}  // namespace

void RunLock::write_holder() const {
  const std::string text =
      "process " + std::to_string(::getpid()) + " on host " + host_name() + "\n";
  if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, text.data(), text.size(), 0) < 0) {
    fail(file_, errno);
  }
}

bool RunLock::take() {
  constexpr int kMostAttempts = 100;  // others may come and go, file and folder with them
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    for (const fs::path& folder : make_folders(file_.parent_path())) made_.push_back(folder);
    Descriptor descriptor(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (!descriptor && errno != ENOENT) fail(file_, errno);
    if (!descriptor) continue;
    if (!lock_file(descriptor, file_)) return false;
    if (!is_at(descriptor.get(), file_)) continue;
    descriptor_ = descriptor.release();
    write_holder();
    return true;
  }
  fail(file_, EBUSY);
}

std::unique_ptr<RunLock> RunLock::try_acquire(const fs::path& folder) {
  std::unique_ptr<RunLock> lock(new RunLock(folder / kLockFile));
  if (!lock->take()) lock.reset();
  return lock;
}

bool RunLock::is_held(const fs::path& folder) {
  const fs::path file = folder / kLockFile;
  if (!is_there(file)) return false;
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!descriptor && errno == ENOENT) return false;  // its holder has removed it meanwhile
  struct flock lock = whole_lock();
  if (!descriptor || ::fcntl(descriptor.get(), F_OFD_GETLK, &lock) != 0) fail(file, errno);
  return lock.l_type != F_UNLCK;
}

std::unique_ptr<RunLock> RunLock::acquire(const fs::path& folder) {
  std::unique_ptr<RunLock> lock = try_acquire(folder);
  if (lock) return lock;
  Problem problem;
  problem.file = folder.string();
  problem.message = "is in use by " + holder_in(folder / kLockFile);
  throw InUseError({problem});
}

void RunLock::check() const {
  if (leads_elsewhere(file_, descriptor_)) fail_lost(file_.parent_path());
}

RunLock::~RunLock() {
  if (is_at(descriptor_, file_)) ::unlink(file_.c_str());
  ::close(descriptor_);
  for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) ::rmdir(folder->c_str());
}

}  // namespace nnrun
