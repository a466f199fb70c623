#include "study/worker_pool.h"

#include <gtest/gtest.h>

#include <csignal>
#include <map>

#include "base/temp_folder.h"
#include "nnrun/files.h"
#include "study/scheduler.h"

namespace nnrun {
namespace {

CommandLine shell(const std::string& script) { return {"/bin/sh", "-c", script, "sh"}; }

/// Tasks without folder and config, so that each message is one line: id, epochs, company, members,
/// 0, 0.
std::vector<Task> tasks(const std::vector<std::string>& settings) {
  std::vector<Task> list;
  for (const auto& setting : settings) list.push_back({"", "", 1, setting});
  return list;
}

Task member(size_t company, size_t members, const std::string& setting = "") {
  return {"", "", 1, setting, {company, members}};
}

using Codes = std::map<size_t, int>;

constexpr const char* kObliging = "while read id rest; do echo $id 0; done";

const Task kSingle{"", "", 1, ""};

class WorkerPoolTest : public testing::Test {
 protected:
  WorkerPoolTest() { std::signal(SIGPIPE, SIG_IGN); }

  WorkerPool::Commands commands(const std::string& worker, const std::string& alone) const {
    return {shell("echo worker >> " + log_ + "; " + worker),
            shell("echo alone >> " + log_ + "; " + alone)};
  }

  /// Codes of the tasks that still run.
  static Codes wait_for_all(WorkerPool& pool) {
    Codes codes;
    while (pool.alive() > 0)
      if (const auto ended = pool.poll()) codes[ended->id] = ended->code;
    return codes;
  }

  Codes run(const std::vector<Task>& list, const std::string& worker, const std::string& alone,
            int64_t jobs = 2) {
    WorkerPool pool(commands(worker, alone), jobs);
    Codes codes;
    Scheduler(list, pool, [&codes](size_t task, int code) {
      EXPECT_FALSE(codes.contains(task)) << task << " ended twice";
      codes[task] = code;
    }).run();
    return codes;
  }

  int64_t started(const std::string& what) const {
    const std::string text = read_file(log_);
    int64_t count = 0;
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
      ++count;
    return count;
  }

  TempFolder folder_;
  std::string log_ = (folder_ / "log").string();
};

TEST_F(WorkerPoolTest, OneWorkerDoesAll) {
  const Codes codes = run(tasks({"", "", "", ""}),
                          "while read id rest; do echo $id $((id % 2 * 4)); done", "exit 9");
  EXPECT_EQ(codes, (Codes{{0, 0}, {1, 4}, {2, 0}, {3, 4}}));
  EXPECT_EQ(started("worker"), 1);
  EXPECT_EQ(started("alone"), 0);
}

TEST_F(WorkerPoolTest, TasksOfOneProcessShareItsSetting) {
  const Codes codes = run(tasks({"a", "b", "a", "b"}), kObliging, "exit 9");
  EXPECT_EQ(codes, (Codes{{0, 0}, {1, 0}, {2, 0}, {3, 0}}));
  EXPECT_EQ(started("worker"), 2);
}

TEST_F(WorkerPoolTest, WhoFoundNoRoomIsTriedOnceMoreAloneAndAFreshWorkerDoesTheRest) {
  const std::string second_has_no_room =
      "while read id rest; do if [ $id = 1 ]; then echo 1 6; else echo $id 0; fi; done";
  EXPECT_EQ(run(tasks({"", "", "", "", ""}), second_has_no_room, "exit 0", /*jobs=*/1),
            (Codes{{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}}));
  EXPECT_EQ(started("worker"), 2);
  EXPECT_EQ(started("alone"), 1);
}

TEST_F(WorkerPoolTest, WhoFindsNoRoomAloneHasFailed) {
  const std::string no_room = "while read id rest; do echo $id 6; done";
  EXPECT_EQ(run(tasks({"", "", ""}), no_room, "exit 6"), (Codes{{0, 6}, {1, 6}, {2, 6}}));
  EXPECT_EQ(started("alone"), 3);
}

TEST_F(WorkerPoolTest, ADyingWorkerEndsNothingAndNeverLoops) {
  EXPECT_EQ(run(tasks({"", "", ""}), "kill -9 $$", "exit 0"), (Codes{{0, 0}, {1, 0}, {2, 0}}));
  EXPECT_EQ(started("alone"), 3);
  EXPECT_EQ(run(tasks({"", ""}), "exit 5", "exit 5"), (Codes{{0, 5}, {1, 5}}));
}

TEST_F(WorkerPoolTest, ACompanyBeginsWhereThereIsRoomForAllAndNobodyComesInBetween) {
  WorkerPool pool(commands(kObliging, "exit 9"), /*jobs=*/4);
  pool.start(0, kSingle);
  EXPECT_FALSE(pool.accepts(member(1, 4)));
  ASSERT_TRUE(pool.accepts(member(2, 2)));
  pool.start(1, member(2, 2));
  EXPECT_FALSE(pool.accepts(kSingle));
  EXPECT_FALSE(pool.accepts(member(3, 2)));
  ASSERT_TRUE(pool.accepts(member(2, 2)));
  pool.start(2, member(2, 2));
  EXPECT_FALSE(pool.accepts(member(3, 2)));
  EXPECT_TRUE(pool.accepts(kSingle));
  EXPECT_EQ(wait_for_all(pool), (Codes{{0, 0}, {1, 0}, {2, 0}}));
  EXPECT_TRUE(pool.accepts(member(1, 4)));
}

TEST_F(WorkerPoolTest, MembersOfACompanyStartOneAfterTheOther) {
  const std::vector<Task> list{kSingle,      member(1, 2), member(1, 2),
                               member(4, 2), member(4, 2), kSingle};
  EXPECT_EQ(
      run(list, "while read id rest; do echo $id >> " + log_ + "; echo $id 0; done", "exit 9"),
      (Codes{{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}}));
  EXPECT_EQ(read_file(log_), "worker\n0\n5\n1\n2\n3\n4\n");
}

TEST_F(WorkerPoolTest, NobodyWaitsForMembersThatDoNotCome) {
  for (const char* worker :
       {kObliging, "read line; exit 5", "read id rest; echo $id 6; read line"}) {
    WorkerPool pool(commands(worker, "exit 0"), /*jobs=*/2);
    pool.start(0, member(1, 2));
    EXPECT_FALSE(pool.accepts(kSingle));
    EXPECT_EQ(wait_for_all(pool), (Codes{{0, 0}})) << worker;
    EXPECT_TRUE(pool.accepts(kSingle)) << worker;
    EXPECT_TRUE(pool.accepts(member(1, 2))) << worker;
  }
}

TEST_F(WorkerPoolTest, AStopEndsACompanyThatIsNotComplete) {
  WorkerPool pool(commands("exec sleep 60", "exit 9"), /*jobs=*/2);
  pool.start(0, member(1, 2));
  pool.stop();
  EXPECT_EQ(wait_for_all(pool), (Codes{{0, 128 + SIGTERM}}));
}

TEST_F(WorkerPoolTest, ACompanyWhoseWorkerDiesIsRunOneByOne) {
  EXPECT_EQ(run({member(1, 2), member(1, 2), kSingle}, "kill -9 $$", "exit 0"),
            (Codes{{0, 0}, {1, 0}, {2, 0}}));
  EXPECT_EQ(started("alone"), 3);
}

TEST_F(WorkerPoolTest, ACompanyWaitsForAFreshWorker) {
  const std::string first_has_no_room =
      "while read id rest; do if [ $id = 0 ]; then echo 0 6; else echo $id 0; fi; done";
  EXPECT_EQ(run({kSingle, member(2, 2), member(2, 2)}, first_has_no_room, "exit 0"),
            (Codes{{0, 0}, {1, 0}, {2, 0}}));
  EXPECT_EQ(started("worker"), 2);
  EXPECT_EQ(started("alone"), 1);
  EXPECT_EQ(run({member(1, 2, "a"), member(1, 2, "a"), member(3, 2, "b"), member(3, 2, "b")},
                kObliging, "exit 9"),
            (Codes{{0, 0}, {1, 0}, {2, 0}, {3, 0}}));
  EXPECT_EQ(started("worker"), 4);
}

TEST_F(WorkerPoolTest, OtherOutputOfAWorkerIsNoReport) {
  EXPECT_EQ(run(tasks({"", ""}), "echo 77 0; while read id rest; do echo $id 0; done", "exit 9"),
            (Codes{{0, 0}, {1, 0}}));
}

}  // namespace
}  // namespace nnrun
