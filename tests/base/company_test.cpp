#include "nnrun/company.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace nnrun {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMembers = 3;
constexpr milliseconds kForever = std::chrono::hours(1);

/// Calls member(i) on a thread each; what each returned.
template <class Member>
std::vector<int> on_threads(size_t count, const Member& member) {
  std::vector<int> results(count);
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < count; ++i)
    threads.emplace_back([&, i] { results[i] = static_cast<int>(member(i)); });
  threads.clear();
  return results;
}

TEST(CompanyTest, OneLeadsForAllAtEveryMeeting) {
  constexpr int kMeetings = 200;
  Company company(kMembers, kForever);
  std::vector<int> sums(kMembers);
  int led = 0;
  const auto add_up = [&](const std::vector<void*>& offers) {
    ++led;
    for (void* const offer : offers) ++*static_cast<int*>(offer);
    return offers.size() == kMembers;
  };
  const auto met = on_threads(kMembers, [&](size_t i) {
    int meetings = 0;
    while (meetings < kMeetings && company.meet(&sums[i], add_up)) ++meetings;
    return meetings;
  });
  EXPECT_EQ(met, std::vector<int>(kMembers, kMeetings));
  EXPECT_EQ(sums, met);
  EXPECT_EQ(led, kMeetings);
}

TEST(CompanyTest, OneThatLeavesLetsTheOthersGoOnAlone) {
  Company company(kMembers, kForever);
  const auto met = on_threads(kMembers, [&](size_t i) {
    if (i == 0) return company.end(), false;
    return company.meet(nullptr, [](const auto&) { return true; });
  });
  EXPECT_EQ(std::ranges::count(met, 1), 0);
  EXPECT_FALSE(company.meet(nullptr, [](const auto&) { return true; }));
}

TEST(CompanyTest, WorkThatFailsEndsIt) {
  Company company(kMembers, kForever);
  const auto met = on_threads(
      kMembers, [&](size_t) { return company.meet(nullptr, [](const auto&) { return false; }); });
  EXPECT_EQ(met, std::vector<int>(kMembers, 0));
}

TEST(CompanyTest, NobodyWaitsForeverForOneThatNeverComes) {
  Company company(kMembers, milliseconds(20));
  const auto never = [](const auto&) -> bool { throw std::logic_error("not all are here"); };
  const auto met = on_threads(kMembers - 1, [&](size_t) { return company.meet(nullptr, never); });
  EXPECT_EQ(met, std::vector<int>(kMembers - 1, 0));
  EXPECT_FALSE(company.meet(nullptr, never));
}

}  // namespace
}  // namespace nnrun
