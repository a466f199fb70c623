#include "study/scheduler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/temp_folder.h"
#include "nnrun/error.h"

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

TEST(SchedulerTest, TellsWhichTasksRun) {
  HeldOncePool pool;
  std::set<std::set<size_t>> seen;
  Scheduler(
      {Task{}, Task{}}, pool, [](size_t, int) {},
      [&](const std::set<size_t>& running) { seen.insert(running); })
      .run();
  EXPECT_TRUE(seen.contains({0, 1}));  // 0 is held by another process then
  EXPECT_TRUE(seen.contains({0}));
}

/// Where only so many processes are to be had; each poll ends one, unless it is to go on until it
/// is stopped.
class SmallPool final : public TaskPool {
 public:
  explicit SmallPool(size_t room) : room_(room) {}

  bool accepts(const Task&) const override { return true; }
  void start(size_t id, const Task& task) override {
    if (running_.size() == room_) throw EnvironmentError("cannot start a process");
    running_[id] = task.stop_after > 1;
    most_ = std::max(most_, running_.size());
  }
  std::optional<Ended> poll() override {
    const auto ended = std::ranges::find_if(running_, [this](const auto& task) {
      const bool is_long = task.second;
      return stopped_ || !is_long;
    });
    if (ended == running_.end()) return std::nullopt;
    const size_t id = ended->first;
    running_.erase(ended);
    return Ended{id, stopped_ ? 143 : 0};
  }
  void stop() override { stopped_ = true; }
  size_t alive() const override { return running_.size(); }

  size_t most() const { return most_; }
  bool stopped() const { return stopped_; }

 private:
  size_t room_, most_ = 0;
  std::map<size_t, bool> running_;  ///< whether it goes on until it is stopped
  bool stopped_ = false;
};

Task task_of(int64_t epochs) { return {"", "", epochs, ""}; }

TEST(SchedulerTest, WaitsForATaskToEndWhereNoProcessIsToBeHadForOneMore) {
  SmallPool pool(/*room=*/2);
  std::map<size_t, int> codes;
  Scheduler(std::vector<Task>(5, task_of(1)), pool, [&](size_t task, int code) {
    codes[task] = code;
  }).run();
  EXPECT_EQ(codes, (std::map<size_t, int>{{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}}));
  EXPECT_EQ(pool.most(), 2U);
}

TEST(SchedulerTest, WhereNoneRunsThatIsAnError) {
  SmallPool pool(/*room=*/0);
  Scheduler scheduler({task_of(1)}, pool, [](size_t, int) {});
  EXPECT_THROW(scheduler.run(), EnvironmentError);
}

TEST(SchedulerTest, AnErrorLeavesItOnceAllThatRunAreAskedToStopAndHaveEnded) {
  SmallPool pool(/*room=*/3);
  std::vector<size_t> ended;
  Scheduler scheduler({task_of(9), task_of(1), task_of(9), task_of(1)}, pool,
                      [&](size_t task, int) {
                        ended.push_back(task);
                        throw EnvironmentError("the disk is full");
                      });
  EXPECT_THROW(scheduler.run(), EnvironmentError);
  EXPECT_TRUE(pool.stopped());
  EXPECT_EQ(pool.alive(), 0U);
  EXPECT_EQ(ended, std::vector<size_t>{1});
}

}  // namespace
}  // namespace nnrun
