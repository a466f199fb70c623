#include "images/caught_stderr.h"

#include <unistd.h>

namespace nnrun {
namespace {

/// Where the lines of a thread go that is caught.
thread_local std::string* caught = nullptr;

ssize_t take(void*, const char* bytes, size_t size) {
  if (caught == nullptr) return ::write(STDERR_FILENO, bytes, size);
  caught->append(bytes, size);
  return static_cast<ssize_t>(size);
}

/// Never closed: another thread may have read `stderr` just before it was put back.
std::FILE* catching_stream() {
  static std::FILE* const stream = [] {
    std::FILE* made = ::fopencookie(nullptr, "w", {nullptr, take, nullptr, nullptr});
    if (made != nullptr) std::setvbuf(made, nullptr, _IONBF, 0);
    return made;
  }();
  return stream;
}

std::mutex& mutex() {
  static std::mutex one;
  return one;
}

}  // namespace

// glibc's `stderr` is a variable that programs may set.
CaughtStderr::CaughtStderr() : alone_(mutex()), before_(stderr) {
  if (catching_stream() == nullptr) return;
  caught = &said_;
  stderr = catching_stream();
}

CaughtStderr::~CaughtStderr() {
  stderr = before_;
  caught = nullptr;
}

}  // namespace nnrun
