#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "study/process_pool.h"

namespace nnrun {

/// One trial as a process of its own.
struct Task {
  std::filesystem::path folder;  ///< its run directory, whose lock says who works on it
  std::vector<std::string> argv;
  std::string input;  ///< its stdin
};

/// Runs tasks side by side, in their order as far as it goes. A task whose run directory another
/// process holds (exit 7) is put aside until that lock is free, then started again: by then it may
/// find nothing left to do. After a stop signal no task is started any more, those that run are
/// asked to stop (SIGTERM) and waited for.
///   Scheduler(tasks, jobs, [](size_t task, int code) { … }).run();
class Scheduler {
 public:
  using OnEnd = std::function<void(size_t task, int code)>;

  Scheduler(std::vector<Task> tasks, int64_t jobs, OnEnd on_end);
  void run();

 private:
  void start_pending();
  void collect_ended();
  void free_held();
  void stop();
  bool finished() const { return pending_.empty() && held_.empty() && pool_.alive() == 0; }

  std::vector<Task> tasks_;
  size_t jobs_;
  OnEnd on_end_;
  ProcessPool pool_;
  std::deque<size_t> pending_;
  std::vector<size_t> held_;  ///< by other processes
  std::map<pid_t, size_t> running_;
  std::chrono::steady_clock::time_point last_look_{};
  bool stopping_ = false;
};

}  // namespace nnrun
