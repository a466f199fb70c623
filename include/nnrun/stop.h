#pragma once

namespace nnrun {

/// Catches SIGINT, SIGTERM, SIGUSR1 and SIGHUP (an inherited ignored SIGHUP stays ignored). The first
/// one sets the flag below; a second SIGINT leaves at once with 130; others are swallowed.
/// SIGPIPE and SIGXFSZ are ignored: a closed pipe or a file-size limit is then an error of the write.
void install_stop_signals();

/// 0 while nothing asked to stop, else the number of the signal. Checked once per training step.
int stop_signal() noexcept;

/// Sets the flag by hand (tests); 0 clears it.
void request_stop(int signal) noexcept;

}  // namespace nnrun
