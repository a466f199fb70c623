#include <gtest/gtest.h>

#include <cmath>

#include "train/fake_run.h"
#include "train/loop_memory.h"

namespace nnrun {
namespace {

using namespace testing;

TEST(FitTest, RunsAllEpochsAndRecordsMeans) {
  FakeRun run(3);
  run.session.val_losses = {0.5, 0.25, 0.125};
  EXPECT_EQ(run.go(), Outcome::kDone);
  ASSERT_EQ(run.state.rows.size(), 3U);
  EXPECT_EQ(run.epochs_seen, 3);
  EXPECT_EQ(run.state.rows[1].epoch, 1);
  EXPECT_EQ(run.state.rows[1].accuracy, 0.2);  // 2 of 10
  EXPECT_EQ(run.state.rows[1].val_accuracy, 0.25);
  EXPECT_EQ(run.state.rows[1].val_loss, 0.25);
  EXPECT_EQ(run.session.rates, (std::vector<double>{0.1, 0.1, 0.1}));
  EXPECT_EQ(run.session.evaluated, std::vector<Split>(3, Split::kTest));
}

TEST(FitTest, ValidationDataPlayTheirPartWhenThereAreSome) {
  FakeRun run(1);
  run.dataset.validation.labels.resize(2);
  run.go();
  EXPECT_EQ(run.session.evaluated, std::vector<Split>{Split::kValidation});
}

TEST(FitTest, CountsUpdatesWithAndWithoutThePartialBatch) {
  FakeRun whole(3);
  whole.go();
  EXPECT_EQ(whole.state.updates, 3 * 3);
  FakeRun dropped(3, [](SessionRequest& request) { request.training.drop_last = true; });
  dropped.go();
  EXPECT_EQ(dropped.state.updates, 3 * 2);
}

TEST(FitTest, RatesFollowTheSchedule) {
  FakeRun run(3, [](SessionRequest& request) {
    request.optimizer.schedule =
        ScheduleConfig{.type = ScheduleType::kStep, .every = 1, .factor = 0.5};
  });
  run.go();
  EXPECT_EQ(run.session.rates, (std::vector<double>{0.1, 0.05, 0.025}));
}

TEST(FitTest, BestIsStrictlyBetterAndTiesKeepTheEarlier) {
  FakeRun run(5, [](SessionRequest& request) { request.training.checkpoint_every = 1; });
  run.session.val_losses = {0.5, 0.3, 0.4, 0.3, 0.31};
  run.go();
  ASSERT_TRUE(run.state.best);
  EXPECT_EQ(run.state.best->epoch, 1);
  EXPECT_EQ(run.best_written, (std::vector<int64_t>{0, 1}));
  ASSERT_EQ(run.best_tensors.size(), 1U);  // weights only
  EXPECT_EQ(value(run.best_tensors, "model/w"), value(run.saves[1].tensors, "model/w"));
  EXPECT_NE(value(run.best_tensors, "model/w"), value(run.saves[4].tensors, "model/w"));
}

/// Copying them to the host takes time, on a GPU the wait for its work as well.
TEST(FitTest, WeightsAreAskedForOnlyToBeSaved) {
  FakeRun run(5, [](SessionRequest& request) {
    request.training.checkpoint_every = 100;
    request.training.early_stopping.emplace();
    request.training.early_stopping->restore_best = true;
  });
  run.session.val_losses = {0.5, 0.4, 0.3, 0.2, 0.1};  // every epoch is the best so far
  run.go();
  EXPECT_EQ(run.session.asked_for.size(), 4U);  // three to save, one to restore the best
  EXPECT_EQ(run.best_written, std::vector<int64_t>{4});
}

TEST(FitTest, TheLastCheckpointTellsWhoseWeightsItHolds) {
  for (const bool restore_best : {true, false}) {
    FakeRun run(9, [&](SessionRequest& request) {
      request.training.checkpoint_every = 1;
      request.training.early_stopping.emplace();
      request.training.early_stopping->patience = 2;
      request.training.early_stopping->restore_best = restore_best;
    });
    run.session.val_losses = {0.5, 0.3, 0.4, 0.4};
    run.go();
    const auto epoch_of = [&](const Checkpoint& save) {
      return epoch_of_weights(save, run.request.training);
    };
    EXPECT_EQ(epoch_of(run.saves[2]), 2) << "not at the end";
    EXPECT_EQ(epoch_of(run.saves.back()), restore_best ? 1 : 3);
    EXPECT_EQ(value(run.saves.back().tensors, "model/w") == value(run.best_tensors, "model/w"),
              restore_best);
  }
}

TEST(FitTest, BestFollowsKeepBest) {
  FakeRun accuracy(
      3, [](SessionRequest& request) { request.training.keep_best = KeepBest::kAccuracy; });
  accuracy.go();
  EXPECT_EQ(accuracy.state.best->epoch, 0);  // the fake's accuracy never changes
  FakeRun none(3, [](SessionRequest& request) { request.training.keep_best = KeepBest::kNone; });
  none.go();
  EXPECT_FALSE(none.state.best);
  EXPECT_TRUE(none.best_written.empty());
}

TEST(FitTest, StopInsideAnEpochSavesTheLastFinishedOne) {
  for (const bool in_training : {true, false}) {
    FakeRun straight(3, [](SessionRequest& request) { request.training.checkpoint_every = 1; });
    straight.go();
    FakeRun run(9, [](SessionRequest& request) { request.training.checkpoint_every = 100; });
    (in_training ? run.session.stop_in_training : run.session.stop_in_validation) = 3;
    EXPECT_EQ(run.go(), Outcome::kStopped);
    ASSERT_EQ(run.saves.size(), 1U);
    expect_same_rows(run.saves[0].rows, straight.state.rows);
    expect_same_tensors(run.saves[0].tensors, straight.saves.back().tensors);
    EXPECT_EQ(run.saves[0].updates, 9);
  }
}

TEST(FitTest, StopBetweenEpochsSaves) {
  FakeRun run(9, [](SessionRequest& request) { request.training.checkpoint_every = 100; });
  LoopEvents events;
  events.clock = run.clock.reader();
  events.on_epoch = [](const LoopState& state) {
    request_stop(state.rows.size() == 2 ? SIGINT : 0);
  };
  int saves = 0;
  events.on_checkpoint = [&saves](const LoopState&, const Saving&) {
    ++saves;
    return 0.0;
  };
  EXPECT_EQ(fit(run.session, run.request, run.state, "", events), Outcome::kStopped);
  EXPECT_EQ(run.state.rows.size(), 2U);
  EXPECT_EQ(saves, 1);
  request_stop(0);
}

TEST(FitTest, APauseIsOfOneRunAlone) {
  FakeRun run(5, [](SessionRequest& request) { request.training.checkpoint_every = 100; });
  run.pause_after = 2;
  EXPECT_EQ(run.go(), Outcome::kStopped);
  EXPECT_EQ(stop_signal(), 0);
  EXPECT_EQ(run.state.rows.size(), 2U);
  ASSERT_EQ(run.saves.size(), 1U);
  EXPECT_EQ(run.saves[0].rows.size(), 2U);
}

TEST(FitTest, APauseAtTheEndIsTheEnd) {
  FakeRun run(3);
  run.pause_after = 3;
  EXPECT_EQ(run.go(), Outcome::kDone);
}

TEST(FitTest, BeyondAPauseNothingIsTrained) {
  FakeRun run(5);
  run.pause_after = 3;
  EXPECT_EQ(run.go(), Outcome::kStopped);
  FakeRun beyond(7);  // a raised number of epochs, and an earlier pause
  beyond.resume_from(run.saves.back());
  beyond.pause_after = 1;
  EXPECT_EQ(beyond.go(), Outcome::kStopped);
  EXPECT_EQ(beyond.state.rows.size(), 3U);
  EXPECT_TRUE(beyond.saves.empty());
}

TEST(FitTest, StopWithNothingNewSavesNothing) {
  FakeRun first(5);
  first.session.stop_in_training = 0;
  EXPECT_EQ(first.go(), Outcome::kStopped);
  EXPECT_TRUE(first.saves.empty());
  FakeRun saved(5, [](SessionRequest& request) { request.training.checkpoint_every = 1; });
  saved.session.stop_in_training = 2;
  EXPECT_EQ(saved.go(), Outcome::kStopped);
  EXPECT_EQ(saved.saves.size(), 2U);
}

TEST(FitTest, NonFiniteLossEndsTheRunWithItsRow) {
  for (const bool in_training : {true, false}) {
    FakeRun run(5);
    (in_training ? run.session.nan_in_training : run.session.nan_in_validation) = 2;
    EXPECT_EQ(run.go(), Outcome::kDiverged);
    ASSERT_EQ(run.state.rows.size(), 3U);
    EXPECT_TRUE(std::isnan(in_training ? run.state.rows[2].loss : run.state.rows[2].val_loss));
    EXPECT_EQ(run.epochs_seen, 3);
    EXPECT_EQ(run.saves.back().rows.size(), 3U);

    FakeRun again(5);
    again.resume_from(run.saves.back());
    EXPECT_EQ(again.go(), Outcome::kDiverged);
    EXPECT_TRUE(again.session.rates.empty());
    EXPECT_TRUE(again.saves.empty());
  }
}

TEST(FitTest, OnNonfiniteContinueGoesOn) {
  FakeRun run(
      5, [](SessionRequest& request) { request.training.on_nonfinite = OnNonfinite::kContinue; });
  run.session.nan_in_training = 1;
  run.session.nan_in_validation = 0;
  EXPECT_EQ(run.go(), Outcome::kDone);
  ASSERT_EQ(run.state.rows.size(), 5U);
  EXPECT_TRUE(std::isnan(run.state.rows[1].loss));
  ASSERT_TRUE(run.state.best);
  EXPECT_NE(run.state.best->epoch, 0);
}

TEST(FitTest, TimingsComeFromTheClock) {
  FakeRun run(2, [](SessionRequest& request) { request.training.checkpoint_every = 1; });
  run.go();
  for (const EpochTiming& timing : run.state.timings) {
    EXPECT_EQ(timing.train_seconds, 1);
    EXPECT_EQ(timing.val_seconds, 0.5);
    EXPECT_EQ(timing.checkpoint_seconds, 0.25);
  }
}

TEST(FitTest, EndAlwaysSavesOnce) {
  FakeRun run(4, [](SessionRequest& request) { request.training.checkpoint_every = 2; });
  run.go();
  ASSERT_EQ(run.saves.size(), 2U);
  EXPECT_EQ(run.saves[0].rows.size(), 2U);
  EXPECT_EQ(run.saves[1].rows.size(), 4U);
}

}  // namespace
}  // namespace nnrun
