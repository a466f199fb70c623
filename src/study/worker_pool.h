#pragma once

#include <deque>
#include <map>
#include <string>

#include "study/process_pool.h"

namespace nnrun {

/// Tasks as threads of one process, the worker (study/worker.h), so that they share data and a
/// GPU's context. A task that found no room on the device, or whose worker died under it, may have
/// been the victim of its neighbours: it is run once more, alone in a process of its own, and how
/// that ends counts. A worker in which this happened takes no more tasks; a fresh one does the
/// rest. The members of a company start one after the other: between them nobody else does.
///   WorkerPool pool({worker, alone}, /*jobs=*/4);
class WorkerPool final : public TaskPool {
 public:
  struct Commands {
    CommandLine worker;  ///< serves tasks from its stdin
    CommandLine alone;   ///< as ProcessPool's
  };

  WorkerPool(Commands commands, int64_t jobs);
  ~WorkerPool() override;
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  bool accepts(const Task& task) const override;
  void start(size_t id, const Task& task) override;
  std::optional<Ended> poll() override;
  void stop() override;
  size_t alive() const override;

 private:
  struct Again {
    size_t id;
    int code;
    Task task;
  };

  void hire(const std::string& setting);
  int dismiss();  ///< lets the worker go, which has to be idle or dead; its exit code
  void receive();
  bool read_reports();  ///< false: the worker is gone
  void end(size_t id, int code, bool blameless);
  void run_next_alone();

  Commands commands_;
  size_t jobs_;
  pid_t worker_ = 0;  ///< 0: none
  Descriptor to_worker_, from_worker_;
  std::string setting_;  ///< of the worker's tasks
  std::string partial_;  ///< a report whose end is still to come
  bool spent_ = false;   ///< the worker takes no more tasks
  bool stopping_ = false;
  std::map<size_t, Task> running_;  ///< in the worker
  Membership awaited_{0, 0};        ///< the last company that began; its members still to come
  std::deque<Again> again_;         ///< to be run alone
  ProcessPool alone_;
  std::deque<Ended> ended_;
};

}  // namespace nnrun
