#include "nnrun/stop.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>

namespace nnrun {
namespace {

constexpr std::array<int, 4> kStopSignals{SIGINT, SIGTERM, SIGUSR1, SIGHUP};

std::atomic<int> first_signal{0};
std::atomic<int> interrupts{0};
std::atomic<bool> deferred{false};
static_assert(std::atomic<int>::is_always_lock_free, "needed inside a signal handler");

void on_signal(int signal) {
  if (!deferred.load()) _exit(128 + signal);
  if (signal == SIGINT && interrupts.fetch_add(1) > 0) _exit(128 + SIGINT);
  int none = 0;
  first_signal.compare_exchange_strong(none, signal);
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

bool is_ignored(int signal) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

}  // namespace

void install_stop_signals() {
  for (const int signal : kStopSignals) {
    if (signal == SIGHUP && is_ignored(signal)) continue;  // started by nohup
    set_handler(signal, on_signal);
  }
  set_handler(SIGXFSZ, SIG_IGN);
}

void defer_stop_signals() noexcept { deferred.store(true); }

void ignore_closed_pipes() { set_handler(SIGPIPE, SIG_IGN); }

bool is_stop_code(int exit_code) noexcept {
  return std::ranges::any_of(kStopSignals, [=](int signal) { return exit_code == 128 + signal; });
}

int stop_signal() noexcept { return first_signal.load(std::memory_order_relaxed); }

void request_stop(int signal) noexcept { first_signal.store(signal); }

}  // namespace nnrun
