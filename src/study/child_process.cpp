#include "study/child_process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "nnrun/error.h"

namespace nnrun {
namespace {

[[noreturn]] void fail(const char* what) {
  throw EnvironmentError(std::string(what) + ": " + std::generic_category().message(errno));
}

/// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become(char* const* argv, int input, int output, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(128 + SIGKILL);  // it died before the line above
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::execv(argv[0], argv);
  ::_exit(static_cast<int>(ExitCode::kEnvironment));
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

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

pid_t start_child(const CommandLine& command, int input, std::optional<int> output) {
  std::vector<char*> argv;
  for (const auto& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const Descriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const int target = output.value_or(nowhere.get());
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) fail("cannot start a process");
  if (child == 0) become(argv.data(), input, target, parent);
  return child;
}

std::optional<int> ended_child(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, WNOHANG) != child) return std::nullopt;
  return code_of(status);
}

int wait_for_child(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) != child && errno == EINTR) {
  }
  return code_of(status);
}

}  // namespace nnrun
