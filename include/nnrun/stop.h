#pragma once

namespace nnrun {

/// Catches SIGINT, SIGTERM, SIGUSR1 and SIGHUP (an inherited ignored SIGHUP stays ignored). The first
/// one sets the flag below; a second SIGINT leaves at once with 130; others are swallowed.
void install_stop_signals();

/// 0 while nothing asked to stop, else the number of the signal. Checked once per training step.
int stop_signal() noexcept;

/// Sets the flag by hand (tests).
void request_stop(int signal) noexcept;

}  // namespace nnrun
