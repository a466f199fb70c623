#include "base/live_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>
#include <mutex>
#include <utility>

namespace nnrun {
namespace {

constexpr const char* kEraseLine = "\r\033[K";

std::mutex mutex;  // worker threads log, too
bool is_open = false;

/// Ends an open line with this text.
void close_with(const char* text) {
  const std::lock_guard guard(mutex);
  if (std::exchange(is_open, false)) std::cerr << text << std::flush;
}

}  // namespace

void show_live_line(const std::string& text) {
  const std::lock_guard guard(mutex);
  is_open = true;
  std::cerr << kEraseLine << text << std::flush;
}

void keep_live_line() { close_with("\n"); }

void clear_live_line() { close_with(kEraseLine); }

size_t terminal_columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace nnrun
