#pragma once

namespace nnrun {

/// Catches SIGINT, SIGTERM, SIGUSR1 and SIGHUP (an inherited ignored SIGHUP stays ignored): the process
/// exits at once with 128 + the signal's number, until defer_stop_signals. SIGXFSZ is ignored: a file-size
/// limit is then an error of the write.
void install_stop_signals();

/// From here on there is something to save: the first signal sets the flag below; a second SIGINT leaves at
/// once with 130; others are swallowed.
void defer_stop_signals() noexcept;

/// A closed pipe is then an error of the write, too.
void ignore_closed_pipes();

/// 0 while nothing asked to stop, else the number of the signal. Checked once per training step.
int stop_signal() noexcept;

/// Of a process that one of these signals asked to save and leave: 128 + signal.
bool is_stop_code(int exit_code) noexcept;

/// Sets the flag by hand (tests); 0 clears it.
void request_stop(int signal) noexcept;

}  // namespace nnrun
