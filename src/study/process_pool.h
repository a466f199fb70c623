#pragma once

#include <sys/types.h>

#include <map>

#include "study/child_process.h"
#include "study/task.h"

namespace nnrun {

/// Every task in a process of its own: `command`, the task's config as its stdin.
///   ProcessPool pool({"/usr/bin/nnrun", "--quiet"}, /*jobs=*/2);
///   if (pool.accepts(task)) pool.start(7, task);
///   while (auto ended = pool.poll()) report(ended->id, ended->code);
class ProcessPool final : public TaskPool {
 public:
  ProcessPool(CommandLine command, int64_t jobs)
      : command_(std::move(command)), jobs_(static_cast<size_t>(jobs)) {}

  bool accepts(const Task&) const override { return children_.size() < jobs_; }
  void start(size_t id, const Task& task) override;
  std::optional<Ended> poll() override;
  void stop() override;
  size_t alive() const override { return children_.size(); }

 private:
  CommandLine command_;
  size_t jobs_;
  std::map<pid_t, size_t> children_;  ///< their tasks
};

}  // namespace nnrun
