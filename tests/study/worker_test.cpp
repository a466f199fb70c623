#include "study/worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <sstream>

namespace nnrun {
namespace {

Task task_at(const std::string& folder, const std::string& config, int64_t stop_after = 1) {
  return {folder, config, stop_after, ""};
}

std::map<size_t, int> reports(const std::string& text) {
  std::map<size_t, int> codes;
  std::istringstream lines(text);
  size_t id = 0;
  for (int code = 0; lines >> id >> code;) codes[id] = code;
  return codes;
}

TEST(WorkerTest, TasksArriveAsTheyWereSent) {
  const std::string odd = "runs/a b\n\xff/seed-7";
  std::istringstream in(to_message(3, task_at(odd, "{\"a\": 1}\n", 12)) +
                        to_message(4, task_at("", "", 1)) + to_message(5, task_at("x", "y")));
  std::ostringstream out;
  std::vector<Task> seen;
  serve_tasks(in, out, /*threads=*/1, [&](const Task& task) {
    seen.push_back(task);
    return static_cast<int>(seen.size());
  });
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].folder, odd);
  EXPECT_EQ(seen[0].config, "{\"a\": 1}\n");
  EXPECT_EQ(seen[0].stop_after, 12);
  EXPECT_EQ(seen[1].folder, "");
  EXPECT_EQ(seen[2].config, "y");
  EXPECT_EQ(out.str(), "3 1\n4 2\n5 3\n");
}

TEST(WorkerTest, ACutMessageIsNoTask) {
  const std::string whole = to_message(0, task_at("x", "{}"));
  std::istringstream in(whole.substr(0, whole.size() - 1));
  std::ostringstream out;
  serve_tasks(in, out, 2, [](const Task&) { return 0; });
  EXPECT_EQ(out.str(), "");
}

TEST(WorkerTest, AsManyAtOnceAsThereAreThreads) {
  constexpr int kThreads = 4;
  std::string messages;
  for (size_t id = 0; id < 40; ++id) messages += to_message(id, task_at(std::to_string(id), "{}"));
  std::istringstream in(messages);
  std::ostringstream out;
  std::mutex mutex;
  std::condition_variable all_there;
  int inside = 0, most = 0;
  serve_tasks(in, out, kThreads, [&](const Task& task) {
    std::unique_lock lock(mutex);
    most = std::max(most, ++inside);
    all_there.notify_all();
    all_there.wait(lock, [&] { return most == kThreads; });  // the first ones wait for each other
    --inside;
    return std::stoi(task.folder.string()) % 7;
  });
  EXPECT_EQ(most, kThreads);
  const auto codes = reports(out.str());
  ASSERT_EQ(codes.size(), 40U);
  for (const auto& [id, code] : codes) EXPECT_EQ(code, static_cast<int>(id % 7));
}

}  // namespace
}  // namespace nnrun
