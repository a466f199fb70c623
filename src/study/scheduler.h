#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <vector>

#include "study/task.h"

namespace nnrun {

/// Runs tasks side by side in a pool, in their order as far as it goes. A task whose run directory
/// another process holds (exit 7) is put aside until that lock is free, then started again: by then
/// it may find nothing left to do, and its company has gone on without it. After a stop signal no
/// task is started any more, those that run are asked to stop and waited for; so they are before an
/// error leaves this. Where no process is to be had for one more task, it waits for another one to
/// end.
///   Scheduler(tasks, pool, [](size_t task, int code) { … }).run();
class Scheduler {
 public:
  using OnEnd = std::function<void(size_t task, int code)>;
  using OnWait = std::function<void(const std::set<size_t>& running)>;

  /// `on_wait` is called many times a second.
  Scheduler(
      std::vector<Task> tasks, TaskPool& pool, OnEnd on_end, OnWait on_wait = [](const auto&) {});
  void run();

 private:
  void work();
  void start_pending();
  bool try_start(size_t task);
  void collect_ended();
  void free_held();
  void stop();
  bool finished() const { return pending_.empty() && held_.empty() && pool_.alive() == 0; }

  std::vector<Task> tasks_;
  TaskPool& pool_;
  OnEnd on_end_;
  OnWait on_wait_;
  std::deque<size_t> pending_;
  std::set<size_t> running_;
  std::vector<size_t> held_;  ///< by other processes
  std::chrono::steady_clock::time_point last_look_{};
  bool stopping_ = false;
  bool warned_ = false;
  size_t full_at_ = SIZE_MAX;  ///< so many tasks left no process to be had for another one
};

}  // namespace nnrun
