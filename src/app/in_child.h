#pragma once

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <optional>
#include <type_traits>

#include "base/descriptor.h"
#include "nnrun/log.h"

namespace nnrun {

/// In the child: nothing of it may reach the parent but the result.
template <typename Make>
[[noreturn]] void answer_from_child(int descriptor, pid_t parent, const Make& make) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  set_verbosity(Verbosity::kQuiet);
  try {
    const auto result = make();
    ::_exit(::write(descriptor, &result, sizeof result) == sizeof result ? 0 : 1);
  } catch (const std::exception&) {
    ::_exit(1);
  }
}

template <typename Result>
std::optional<Result> answer_of_child(int descriptor) {
  Result result;
  if (::read(descriptor, &result, sizeof result) != sizeof result) return std::nullopt;
  return result;
}

/// What `make` returns, computed in a process of its own, so that neither LibTorch nor a GPU's
/// context stays with this one: a process that has asked for GPUs can fork no other that uses them.
/// Empty when that process failed.
template <typename Make>
auto in_child(const Make& make) -> std::optional<std::invoke_result_t<Make>> {
  using Result = std::invoke_result_t<Make>;
  static_assert(std::is_trivially_copyable_v<Result>);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  const pid_t parent = ::getpid(), child = ::fork();
  if (child < 0) return std::nullopt;
  if (child == 0) answer_from_child(write_end.get(), parent, make);
  write_end.close();  // so that the end of a child without a result is seen
  const auto result = answer_of_child<Result>(read_end.get());
  ::kill(child, SIGKILL);  // it has answered or failed
  ::waitpid(child, nullptr, 0);
  return result;
}

}  // namespace nnrun
