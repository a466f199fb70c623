#include "study/process_pool.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/descriptor.h"
#include "nnrun/error.h"

namespace nnrun {
namespace {

[[noreturn]] void fail(const char* what) {
  throw EnvironmentError(std::string(what) + ": " + std::strerror(errno));
}

/// A file without a name that holds `content`.
Descriptor file_in_memory(const std::string& content) {
  Descriptor file(::memfd_create("nnrun", MFD_CLOEXEC));
  if (!file) fail("cannot hand over a trial's config");
  for (size_t written = 0; written < content.size();) {
    const ssize_t count = ::write(file.get(), content.data() + written, content.size() - written);
    if (count < 0) fail("cannot hand over a trial's config");
    written += static_cast<size_t>(count);
  }
  return file;
}

/// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become(char* const* argv, int input, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(128 + SIGKILL);  // it died before the line above
  ::dup2(input, STDIN_FILENO);
  const int nowhere = ::open("/dev/null", O_WRONLY);
  if (nowhere >= 0) ::dup2(nowhere, STDOUT_FILENO);
  ::execv(argv[0], argv);
  ::_exit(static_cast<int>(ExitCode::kEnvironment));
}

}  // namespace

pid_t ProcessPool::start(const std::vector<std::string>& argv, const std::string& input) {
  std::vector<char*> pointers;
  for (const auto& argument : argv) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  const Descriptor file = file_in_memory(input);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) fail("cannot start a process");
  if (child == 0) become(pointers.data(), file.get(), parent);
  children_.insert(child);
  return child;
}

std::optional<ProcessPool::Ended> ProcessPool::poll() {
  for (const pid_t child : children_) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) != child) continue;
    children_.erase(child);
    return Ended{child, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)};
  }
  return std::nullopt;
}

void ProcessPool::signal_all(int signal) const {
  for (const pid_t child : children_) ::kill(child, signal);
}

}  // namespace nnrun
