#include "study/worker.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <sstream>

namespace nnrun {
namespace {

Task task_at(const std::string& folder, const std::string& config, int64_t stop_after = 1) {
  return {folder, config, stop_after, ""};
}

std::string member_message(size_t id, const Membership& membership) {
  Task task = task_at(std::to_string(id), "{}");
  task.membership = membership;
  return to_message(id, task);
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
                        to_message(4, task_at("", "", 1)) + member_message(5, {7, 2}));
  std::ostringstream out;
  std::vector<Task> seen;
  serve_tasks(in, out, /*threads=*/1, [&](const Task& task, const auto& company) {
    seen.push_back(task);
    EXPECT_EQ(company != nullptr, task.membership.company == 7);
    return static_cast<int>(seen.size());
  });
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].folder, odd);
  EXPECT_EQ(seen[0].config, "{\"a\": 1}\n");
  EXPECT_EQ(seen[0].stop_after, 12);
  EXPECT_EQ(seen[1].folder, "");
  EXPECT_EQ(seen[1].membership.company, 0U);
  EXPECT_EQ(seen[2].folder, "5");
  EXPECT_EQ(seen[2].config, "{}");
  EXPECT_EQ(seen[2].membership.members, 2U);
  EXPECT_EQ(out.str(), "3 1\n4 2\n5 3\n");
}

TEST(WorkerTest, ACutMessageIsNoTask) {
  const std::string whole = to_message(0, task_at("x", "{}"));
  std::istringstream in(whole.substr(0, whole.size() - 1));
  std::ostringstream out;
  serve_tasks(in, out, 2, [](const Task&, const auto&) { return 0; });
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
  serve_tasks(in, out, kThreads, [&](const Task& task, const auto&) {
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

/// Meets once; 1 where that came off with as many members as `expected`.
int meet(const std::shared_ptr<Company>& company, size_t expected) {
  return company->meet(nullptr, [&](const auto& offers) { return offers.size() == expected; });
}

TEST(WorkerTest, MembersOfACompanyMeet) {
  std::istringstream in(member_message(0, {1, 3}) + member_message(1, {2, 2}) +
                        member_message(2, {1, 3}) + member_message(3, {1, 3}) +
                        member_message(4, {2, 2}));
  std::ostringstream out;
  serve_tasks(in, out, /*threads=*/5, [](const Task& task, const auto& company) {
    return meet(company, task.membership.members);
  });
  EXPECT_EQ(reports(out.str()), (std::map<size_t, int>{{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 1}}));
}

TEST(WorkerTest, ACompanyIsForgottenWhenAllHaveCome) {
  std::istringstream in(member_message(0, {1, 2}) + member_message(1, {1, 2}) +
                        member_message(2, {1, 2}) + member_message(3, {1, 2}));
  std::ostringstream out;
  serve_tasks(in, out, /*threads=*/4,
              [](const Task&, const auto& company) { return meet(company, 2); });
  EXPECT_EQ(reports(out.str()), (std::map<size_t, int>{{0, 1}, {1, 1}, {2, 1}, {3, 1}}));
}

TEST(WorkerTest, NobodyWaitsForAMemberThatHasEnded) {
  std::istringstream in(member_message(0, {1, 3}) + member_message(1, {1, 3}) +
                        member_message(2, {1, 3}));
  std::ostringstream out;
  const auto began = std::chrono::steady_clock::now();
  serve_tasks(in, out, /*threads=*/3, [](const Task& task, const auto& company) {
    return task.folder == "1" ? 6 : meet(company, 3);
  });
  EXPECT_EQ(reports(out.str()), (std::map<size_t, int>{{0, 0}, {1, 6}, {2, 0}}));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
}

}  // namespace
}  // namespace nnrun
