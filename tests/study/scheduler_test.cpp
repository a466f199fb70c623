#include "study/scheduler.h"

#include <gtest/gtest.h>

#include "base/temp_folder.h"

namespace nnrun {
namespace {

/// Ends each task as it starts: the first one as in use by another process, all others well.
class HeldOncePool final : public TaskPool {
 public:
  bool accepts(const Task&) const override { return true; }
  void start(size_t id, const Task& task) override {
    ended_.push_back({id, started_.empty() ? 7 : 0});
    started_.emplace_back(id, task.membership.company);
  }
  std::optional<Ended> poll() override {
    if (ended_.empty()) return std::nullopt;
    const Ended ended = ended_.front();
    ended_.pop_front();
    return ended;
  }
  void stop() override {}
  size_t alive() const override { return ended_.size(); }

  const auto& started() const { return started_; }

 private:
  std::deque<Ended> ended_;
  std::vector<std::pair<size_t, size_t>> started_;  // task, company
};

TEST(SchedulerTest, ATaskThatWasHeldHasNoCompanyAnyMore) {
  const TempFolder folder;
  const std::vector<Task> tasks(2, Task{folder / "free", "", 1, "", {3, 2}});
  HeldOncePool pool;
  std::vector<size_t> ended;
  Scheduler(tasks, pool, [&](size_t task, int code) {
    ended.push_back(task);
    EXPECT_EQ(code, 0);
  }).run();
  EXPECT_EQ(ended, (std::vector<size_t>{1, 0}));
  EXPECT_EQ(pool.started(), (std::vector<std::pair<size_t, size_t>>{{0, 3}, {1, 3}, {0, 0}}));
}

}  // namespace
}  // namespace nnrun
