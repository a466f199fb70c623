// Preloaded into nnrun by tests (cli/faults.py): a disk that fails where the environment says, and
// tells what it did.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// One line in the file that NNRUN_TEST_LOG names.
void tell(const std::string& line) {
  const std::string path = setting("NNRUN_TEST_LOG");
  if (path.empty()) return;
  const int log = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  const std::string text = line + "\n";
  if (::write(log, text.data(), text.size()) < 0) std::abort();
  ::close(log);
}

bool is_full() {
  const std::string flag = setting("NNRUN_TEST_WHILE");
  return flag.empty() || ::access(flag.c_str(), F_OK) == 0;
}

std::string path_of(int descriptor) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  return ::readlink(link.c_str(), path.data(), path.size() - 1) < 0 ? "" : path.data();
}

}  // namespace

/// ENOSPC for a file called NNRUN_TEST_NO_RENAME; with NNRUN_TEST_WHILE only while that file is
/// there.
extern "C" int rename(const char* from, const char* to) noexcept {
  const std::string failing = setting("NNRUN_TEST_NO_RENAME");
  if (!failing.empty() && std::string_view(to).ends_with("/" + failing) && is_full()) {
    errno = ENOSPC;
    return -1;
  }
  tell("rename\t" + std::string(from) + "\t" + to);
  return next<int(const char*, const char*)>("rename")(from, to);
}

/// EIO for a folder in which a file called NNRUN_TEST_NO_FSYNC stands.
extern "C" int fsync(int descriptor) {
  const std::string failing = setting("NNRUN_TEST_NO_FSYNC");
  if (!failing.empty() && ::faccessat(descriptor, failing.c_str(), F_OK, 0) == 0) {
    errno = EIO;
    return -1;
  }
  tell("fsync\t" + path_of(descriptor));
  return next<int(int)>("fsync")(descriptor);
}
