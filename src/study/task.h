#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace nnrun {

/// A task's place among tasks that may do work as one (nnrun/company.h).
struct Membership {
  size_t company = 0;  ///< its number, unique in a pool's life; 0: none
  size_t members = 1;  ///< of the company; no more than run side by side
};

/// One trial to be run, with all that tells it from the others.
struct Task {
  std::filesystem::path folder;  ///< its run directory, whose lock says who works on it
  std::string config;            ///< resolved, as JSON
  int64_t stop_after = 0;        ///< epochs
  std::string setting;           ///< tasks of one process must agree in it
  Membership membership{};
};

/// Where tasks run, several side by side.
class TaskPool {
 public:
  struct Ended {
    size_t id;
    int code;  ///< exit code; 128 + signal for a killed process
  };

  virtual ~TaskPool() = default;

  /// There is room for this task now.
  virtual bool accepts(const Task& task) const = 0;

  /// Runs a task that is accepted. Throws EnvironmentError when there is no room for a process.
  virtual void start(size_t id, const Task& task) = 0;

  /// A task that has ended since the last call; does not wait.
  virtual std::optional<Ended> poll() = 0;

  /// Asks all that run to save and stop.
  virtual void stop() = 0;

  virtual size_t alive() const = 0;  ///< tasks started and not yet given out by poll
};

}  // namespace nnrun
