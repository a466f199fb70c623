#include "study/process_pool.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "nnrun/error.h"

namespace nnrun {
namespace {

/// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become(char* const* argv, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(128 + SIGKILL);  // it died before the line above
  const int nowhere = ::open("/dev/null", O_WRONLY);
  if (nowhere >= 0) ::dup2(nowhere, STDOUT_FILENO);
  ::execv(argv[0], argv);
  ::_exit(static_cast<int>(ExitCode::kEnvironment));
}

}  // namespace

pid_t ProcessPool::start(const std::vector<std::string>& argv) {
  std::vector<char*> pointers;
  for (const auto& argument : argv) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0)
    throw EnvironmentError(std::string("cannot start a process: ") + std::strerror(errno));
  if (child == 0) become(pointers.data(), parent);
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
