#include "report/progress.h"

#include <gtest/gtest.h>

#include "nnrun/format.h"

namespace nnrun {
namespace {

TEST(ProgressTest, ALiveLineStaysOnOneLineOfTheTerminal) {
  EXPECT_EQ(fitted("epoch 1/2", 80), "epoch 1/2");
  EXPECT_EQ(fitted("epoch 1/2", 10), "epoch 1/2");
  EXPECT_EQ(fitted("epoch 1/2", 9), "epoch 1/");
  EXPECT_EQ(fitted("epoch 1/2", 0), "epoch 1/2");
}

TEST(ProgressTest, ANarrowTerminalShowsWholeNumbersAndTheTimeLeft) {
  const EpochRecord record{11, 0.25, 1.5, 0.125, 2.5};
  const auto text = [&](const std::string& label, size_t columns) {
    return live_text(label, record, 1000, /*seconds_left=*/30, columns);
  };
  const std::string left = "  " + duration(30) + " left";
  const std::string all = "run  epoch 12/1000" + left +
                          "  loss 1.5000  accuracy 0.2500  val_loss 2.5000  val_accuracy 0.1250";
  EXPECT_EQ(text("run", 0), all);
  EXPECT_EQ(text("run", all.size() + 1), all);
  EXPECT_EQ(text("run", 80),
            "run  epoch 12/1000" + left + "  val_loss 2.5000  val_accuracy 0.1250");
  const std::string narrow = text("as_run_partB_q1_of_a_long_name", 60);
  EXPECT_EQ(narrow.size(), 59u);
  EXPECT_TRUE(narrow.starts_with("as_run_")) << narrow;
  EXPECT_TRUE(narrow.ends_with("...  epoch 12/1000" + left + "  val_accuracy 0.1250")) << narrow;
}

TEST(ProgressTest, AStudysLineShowsTheTrialsThatRunAsFarAsThereIsRoom) {
  const std::vector<TrialProgress> running{{"trial-0003", 12, 50}, {"trial-0004", 10, 50}};
  const auto text = [&](size_t columns) {
    return study_live_text(3, 25, "about 12 min left", running, columns);
  };
  const std::string all = "3/25 trials  about 12 min left  trial-0003 12/50  trial-0004 10/50";
  EXPECT_EQ(text(0), all);
  EXPECT_EQ(text(all.size() + 1), all);
  EXPECT_EQ(text(all.size()), "3/25 trials  about 12 min left  trial-0003 12/50  ...");
  EXPECT_EQ(text(50), "3/25 trials  about 12 min left  ...");
  EXPECT_EQ(text(20), "3/25 trials  about ");
  EXPECT_EQ(study_live_text(0, 2, "", {}, 80), "0/2 trials");
}

}  // namespace
}  // namespace nnrun
