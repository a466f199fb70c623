#include "app/process_facts.h"

#include <sched.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace nnrun {
namespace {

double seconds_on(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Clock ticks from boot to this process's start: field 22 of /proc/self/stat, the twentieth after
/// the name in brackets.
double start_ticks() {
  std::ifstream file("/proc/self/stat");
  std::string word;
  while (file >> word && !word.ends_with(')')) {
  }
  for (int i = 0; i < 20; ++i) file >> word;
  return file ? std::stod(word) : 0;
}

}  // namespace

int available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

int64_t peak_memory_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;  // ru_maxrss: KiB
}

double process_age_seconds() {
  return seconds_on(CLOCK_BOOTTIME) - start_ticks() / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double cpu_seconds() { return seconds_on(CLOCK_PROCESS_CPUTIME_ID); }

}  // namespace nnrun
