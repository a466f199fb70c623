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

/// Tasks without folder and config, so that each message is one line: id, epochs, 0, 0.
std::vector<Task> tasks(const std::vector<std::string>& settings) {
  std::vector<Task> list;
  for (const auto& setting : settings) list.push_back({"", "", 1, setting});
  return list;
}

class WorkerPoolTest : public testing::Test {
 protected:
  WorkerPoolTest() { std::signal(SIGPIPE, SIG_IGN); }

  std::map<size_t, int> run(const std::vector<Task>& list, const std::string& worker,
                            const std::string& alone, int64_t jobs = 2) {
    WorkerPool pool({shell("echo worker >> " + log_ + "; " + worker),
                     shell("echo alone >> " + log_ + "; " + alone)},
                    jobs);
    std::map<size_t, int> codes;
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

using Codes = std::map<size_t, int>;

TEST_F(WorkerPoolTest, OneWorkerDoesAll) {
  const Codes codes = run(tasks({"", "", "", ""}),
                          "while read id rest; do echo $id $((id % 2 * 4)); done", "exit 9");
  EXPECT_EQ(codes, (Codes{{0, 0}, {1, 4}, {2, 0}, {3, 4}}));
  EXPECT_EQ(started("worker"), 1);
  EXPECT_EQ(started("alone"), 0);
}

TEST_F(WorkerPoolTest, TasksOfOneProcessShareItsSetting) {
  const Codes codes =
      run(tasks({"a", "b", "a", "b"}), "while read id rest; do echo $id 0; done", "exit 9");
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

TEST_F(WorkerPoolTest, OtherOutputOfAWorkerIsNoReport) {
  EXPECT_EQ(run(tasks({"", ""}), "echo 77 0; while read id rest; do echo $id 0; done", "exit 9"),
            (Codes{{0, 0}, {1, 0}}));
}

}  // namespace
}  // namespace nnrun
