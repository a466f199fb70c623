#pragma once

#include <cstdint>

/// What the operating system knows of this process.
namespace nnrun {

/// CPUs this process may use.
int available_cores();

/// The most memory this process has held, in MiB.
int64_t peak_memory_mib();

/// Seconds since the process was started, its libraries' loading included (to 10 ms).
double process_age_seconds();

/// Seconds of processor time so far, all threads together.
double cpu_seconds();

}  // namespace nnrun
