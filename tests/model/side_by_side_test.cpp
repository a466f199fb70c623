#include <gtest/gtest.h>

#include <thread>

#include "model/devices.h"
#include "model/guarded_session.h"
#include "model/resident_store.h"

namespace nnrun {
namespace {

using namespace testing;

TestRun run_with(uint64_t seed) {
  TestRun run(small_cnn(), corner_dataset(100, 40));
  run.dataset.hash = "corners";
  run.request.seed = seed;
  return run;
}

Tensors trained(TestRun& run, Place place) {
  const AllRecorded watch;
  const auto session = open_at(place, run);
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    session->train_epoch(epoch, 0.05);
    session->evaluate(Split::kTest, epoch);
    session->mark(Mark::kLast);
  }
  return session->state(Mark::kLast);
}

class SideBySideTest : public ::testing::TestWithParam<Place> {
 protected:
  void SetUp() override { NNRUN_SKIP_WITHOUT(GetParam()); }
};

TEST_P(SideBySideTest, SessionsOfSeveralThreadsGiveTheBytesOfOneAtATime) {
  constexpr uint64_t kRuns = 6;
  std::vector<Tensors> alone(kRuns), beside(kRuns);
  for (uint64_t seed = 0; seed < kRuns; ++seed) {
    TestRun run = run_with(seed);
    alone[seed] = trained(run, GetParam());
  }
  {
    std::vector<std::jthread> threads;
    for (uint64_t seed = 0; seed < kRuns; ++seed)
      threads.emplace_back([&beside, seed] {
        TestRun run = run_with(seed);
        beside[seed] = trained(run, GetParam());
      });
  }
  for (uint64_t seed = 0; seed < kRuns; ++seed)
    EXPECT_TRUE(same_bytes(alone[seed], beside[seed])) << "seed " << seed;
  EXPECT_FALSE(same_bytes(alone[0], alone[1]));
}

INSTANTIATE_TEST_SUITE_P(Places, SideBySideTest, ::testing::Values(Place::kCpu, Place::kGpu),
                         [](const auto& place) { return place_name(place.param); });

TEST(SideBySideTestWarnings, EveryThreadsGoToTheLog) {
  ::testing::internal::CaptureStderr();
  std::thread([] {
    TestRun run = run_with(0);
    const auto session = run.open();
    TORCH_WARN("only once from anywhere");
    TORCH_WARN("only once from anywhere");
  }).join();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "LibTorch: only once from anywhere\n");
}

/// LibTorch's device without memory plays the GPU.
TEST(SideBySideTestResident, SessionsShareASplitWhileOneOfThemLives) {
  TestRun run = run_with(0);
  const BatchSpec spec{run.plan.input.shape.dims, {}, {}, /*bags=*/false, at::kMeta};
  ResidentStore store;
  auto examples = store.get(run.dataset, Split::kTrain, spec);
  EXPECT_EQ(examples->size(), 100);
  const Dataset again = run.dataset;  // read a second time
  EXPECT_EQ(store.get(again, Split::kTrain, spec), examples);
  EXPECT_NE(store.get(run.dataset, Split::kTest, spec), examples);
  const std::weak_ptr<const ResidentExamples> watched = examples;
  examples.reset();
  EXPECT_TRUE(watched.expired());
  EXPECT_EQ(store.get(run.dataset, Split::kTrain, spec)->size(), 100);
}

TEST(SideBySideTestResident, WhatDecidesTheBytesDecidesTheKey) {
  TestRun run = run_with(0);
  const BatchSpec spec{run.plan.input.shape.dims, {}, {}, /*bags=*/false, at::kMeta};
  const std::string key = resident_key(run.dataset, Split::kTrain, spec);
  const auto differs = [&](auto change) {
    BatchSpec other = spec;
    Dataset data = run.dataset;
    change(other, data);
    return resident_key(data, Split::kTrain, other) != key;
  };
  EXPECT_FALSE(differs([](BatchSpec&, Dataset&) {}));
  EXPECT_TRUE(differs([](BatchSpec& other, Dataset&) { other.mean = {0.5}; }));
  EXPECT_TRUE(differs([](BatchSpec& other, Dataset&) { other.bags = true; }));
  EXPECT_TRUE(differs([](BatchSpec& other, Dataset&) { other.half = &host_half(); }));
  EXPECT_TRUE(differs([](BatchSpec& other, Dataset&) { other.device = at::Device("meta:1"); }));
  EXPECT_TRUE(differs([](BatchSpec&, Dataset& data) { data.hash = "others"; }));
  EXPECT_NE(resident_key(run.dataset, Split::kTest, spec), key);
}

TEST(SideBySideTestEnd, ASessionWaitsForItsWork) {  // which reads what others may take next
  const auto gpu = std::make_shared<RunDouble>();
  TestRun run = run_with(0);
  run.request.plan = &run.plan;
  run.request.dataset = &run.dataset;
  guarded(std::make_unique<TrainingSession>(run.request, at::kCPU), {1, gpu}).reset();
  EXPECT_EQ(gpu->waits, 1);
}

/// Layers in other forms than in training, examples in other numbers.
TEST(SideBySideTestWarmUps, WhatIsNeverRecordedRunsWhileNobodyRecords) {
  const auto gpu = std::make_shared<RunDouble>();
  TestRun run = run_with(0);
  run.request.plan = &run.plan;
  run.request.dataset = &run.dataset;
  const auto session = guarded(std::make_unique<TrainingSession>(run.request, at::kCPU), {1, gpu});
  session->predict(run.dataset.test, 0);
  session->activations(run.dataset.test, {"C1"});
  EXPECT_EQ(gpu->warm_ups, 2);
}

TEST(SideBySideTestResident, TheCpuBorrowsAndSharesNothing) {
  TestRun run = run_with(0);
  const BatchSpec spec{run.plan.input.shape.dims, {}, {}, /*bags=*/false, at::kCPU};
  ResidentStore store;
  const auto examples = store.get(run.dataset, Split::kTrain, spec);
  EXPECT_NE(store.get(run.dataset, Split::kTrain, spec), examples);
}

}  // namespace
}  // namespace nnrun
