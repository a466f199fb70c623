#include "study/scheduler.h"

#include <algorithm>
#include <numeric>
#include <thread>
#include <utility>

#include "nnrun/error.h"
#include "nnrun/log.h"
#include "nnrun/stop.h"
#include "nnrun/store.h"

namespace nnrun {
namespace {

constexpr std::chrono::milliseconds kPause{20};
constexpr std::chrono::seconds kBetweenLooks{1};  // at the locks of others

}  // namespace

Scheduler::Scheduler(std::vector<Task> tasks, TaskPool& pool, OnEnd on_end, OnWait on_wait)
    : tasks_(std::move(tasks)),
      pool_(pool),
      on_end_(std::move(on_end)),
      on_wait_(std::move(on_wait)),
      pending_(tasks_.size()) {
  std::iota(pending_.begin(), pending_.end(), size_t{0});
}

void Scheduler::run() try { work(); } catch (...) {
  stop();
  while (pool_.alive() > 0) {
    std::this_thread::sleep_for(kPause);
    pool_.poll();
  }
  throw;
}

void Scheduler::work() {
  while (!finished()) {
    if (stop_signal() != 0 && !stopping_) stop();
    start_pending();
    on_wait_(running_);
    std::this_thread::sleep_for(kPause);
    collect_ended();
    free_held();
  }
}

void Scheduler::start_pending() {
  const auto fits = [this](size_t task) {
    return pool_.alive() < full_at_ && pool_.accepts(tasks_[task]);
  };
  for (auto next = std::ranges::find_if(pending_, fits); next != pending_.end();
       next = std::ranges::find_if(pending_, fits)) {
    if (try_start(*next)) pending_.erase(next);
  }
}

bool Scheduler::try_start(size_t task) try {
  pool_.start(task, tasks_[task]);
  running_.insert(task);
  full_at_ = SIZE_MAX;
  return true;
} catch (const EnvironmentError& error) {
  full_at_ = pool_.alive();
  if (full_at_ == 0) throw;
  if (!std::exchange(warned_, true))
    log_warning(std::string(error.what()) + "; the next trial waits for another one to end");
  return false;
}

void Scheduler::collect_ended() {
  while (const auto ended = pool_.poll()) {
    running_.erase(ended->id);
    const bool in_use = ended->code == static_cast<int>(ExitCode::kInUse);
    if (!in_use) {
      on_end_(ended->id, ended->code);
    } else if (!stopping_) {
      tasks_[ended->id].membership = {};
      held_.push_back(ended->id);
    }
  }
}

void Scheduler::free_held() {
  const auto now = std::chrono::steady_clock::now();
  if (held_.empty() || now - last_look_ < kBetweenLooks) return;
  last_look_ = now;
  std::erase_if(held_, [this](size_t task) {
    const bool is_free = !RunLock::is_held(tasks_[task].folder);
    if (is_free) pending_.push_back(task);
    return is_free;
  });
}

void Scheduler::stop() {
  stopping_ = true;
  pending_.clear();
  held_.clear();
  pool_.stop();
}

}  // namespace nnrun
