#include <gtest/gtest.h>

#include "train/fake_run.h"

namespace nnrun {
namespace {

using namespace testing;

/// Everything with a memory at once: plateau, early stopping with its best weights, best, momentum.
void with_memory(SessionRequest& request) {
  request.training.checkpoint_every = 1;
  request.optimizer.schedule =
      ScheduleConfig{.type = ScheduleType::kPlateau, .factor = 0.5, .patience = 1};
  request.training.early_stopping.emplace();
  request.training.early_stopping->patience = 4;
  request.training.early_stopping->restore_best = true;
}

const std::vector<double> kBumpy{0.9, 0.5, 0.6, 0.55, 0.4, 0.45, 0.41, 0.42, 0.43, 0.2};

TEST(FitResumeTest, ResumeAtAnyEpochEqualsTheStraightRun) {
  FakeRun straight(10, with_memory);
  straight.session.val_losses = kBumpy;
  EXPECT_EQ(straight.go(), Outcome::kDone);
  ASSERT_EQ(straight.state.rows.size(), 9U);  // stopped early: four epochs without a better one
  for (const Checkpoint& cut : straight.saves) {
    SCOPED_TRACE(cut.rows.size());
    FakeRun resumed(10, with_memory);
    resumed.session.val_losses = kBumpy;
    resumed.resume_from(cut);
    EXPECT_EQ(resumed.go(), Outcome::kDone);
    expect_same_rows(resumed.state.rows, straight.state.rows);
    EXPECT_EQ(resumed.state.updates, straight.state.updates);
    EXPECT_EQ(resumed.state.best->epoch, 4);
    if (resumed.saves.empty()) continue;  // nothing was left to do
    EXPECT_EQ(resumed.saves.back().loop_state, straight.saves.back().loop_state);
    expect_same_tensors(resumed.saves.back().tensors, straight.saves.back().tensors);
  }
}

TEST(FitResumeTest, RestoreBestEndsWithTheBestWeights) {
  FakeRun run(10, with_memory);
  run.session.val_losses = kBumpy;
  run.go();
  EXPECT_EQ(value(run.saves.back().tensors, "model/w"), value(run.saves[4].tensors, "model/w"));
  EXPECT_NE(value(run.saves.back().tensors, "model/w"), value(run.saves[7].tensors, "model/w"));
  run.session.mark(Mark::kLast);
  EXPECT_EQ(value(run.session.state(Mark::kLast), "model/w"), value(run.saves[4].tensors, "model/w"));
}

TEST(FitResumeTest, RaisedEpochsGoOnBehindTheRestoredEnd) {
  const std::vector<double> losses{0.9, 0.5, 0.6, 0.55, 0.4, 0.45};
  FakeRun straight(6, with_memory);
  straight.session.val_losses = losses;
  straight.go();
  FakeRun shorter(4, with_memory);
  shorter.session.val_losses = losses;
  shorter.go();
  ASSERT_EQ(shorter.state.best->epoch, 1);
  FakeRun longer(6, with_memory);
  longer.session.val_losses = losses;
  longer.resume_from(shorter.saves.back());
  EXPECT_EQ(longer.go(), Outcome::kDone);
  expect_same_rows(longer.state.rows, straight.state.rows);
  expect_same_tensors(longer.saves.back().tensors, straight.saves.back().tensors);
}

TEST(FitResumeTest, DoneIsDone) {
  FakeRun run(2);
  run.go();
  FakeRun again(2);
  again.resume_from(run.saves.back());
  EXPECT_EQ(again.go(), Outcome::kDone);
  EXPECT_TRUE(again.session.rates.empty());
  EXPECT_TRUE(again.saves.empty());
}

TEST(FitResumeTest, DamagedMemoryIsReported) {
  FakeRun run(2);
  run.memory = R"({"diverged": 3})";
  EXPECT_THROW(run.go(), StoreError);
}

}  // namespace
}  // namespace nnrun
