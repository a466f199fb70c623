// What a study's summary says of its trials.
#include "study/study_summary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>

namespace nnrun {
namespace {

class StudySummaryTest : public ::testing::Test {
 protected:
  void add(int64_t number, int64_t seed, double value, const std::string& status = "done") {
    Trial& trial = trials_.emplace_back();
    trial.number = number;
    trial.seed = seed;
    TrialRow row{&trial, status, Summary{}};
    row.summary->last = EpochRecord{.val_accuracy = value};
    rows_.push_back(row);
  }

  /// "2: 0.5, seed 1" of the best trial; "" where there is none.
  std::string best(bool maximize = true) const {
    const auto best = best_trial(rows_, {Metric::kValAccuracy, maximize});
    if (!best) return "";
    const Trial& trial = *best->row->trial;
    return std::to_string(trial.number) + ": " + std::to_string(best->mean).substr(0, 4) +
           ", seed " + std::to_string(trial.seed);
  }

  std::deque<Trial> trials_;  ///< that the rows point to
  std::vector<TrialRow> rows_;
};

TEST_F(StudySummaryTest, TheBestTrialHasTheBestMeanOverItsSeeds) {
  for (const double value : {0.9, 0.1, 0.2}) add(0, std::ssize(rows_), value);
  for (const double value : {0.5, 0.6, 0.7}) add(1, std::ssize(rows_) - 3, value);
  EXPECT_EQ(best(), "1: 0.60, seed 2");
  EXPECT_EQ(best(/*maximize=*/false), "0: 0.40, seed 1");
}

TEST_F(StudySummaryTest, ATrialIsRatedWhenAllItsSeedsAreDone) {
  EXPECT_EQ(best(), "");
  add(0, 0, 0.9);
  add(0, 1, 0.9, "diverged");
  add(1, 0, 0.8);
  add(1, 1, 0.8, "running");
  EXPECT_EQ(best(), "");
  add(2, 0, 0.3);
  EXPECT_EQ(best(), "2: 0.30, seed 0");
}

TEST_F(StudySummaryTest, EqualOnesGoByOrderAndWhatIsNotFiniteComesLast) {
  add(0, 0, NAN);
  add(1, 0, 0.5);
  add(2, 0, 0.5);
  EXPECT_EQ(best(), "1: 0.50, seed 0");
}

}  // namespace
}  // namespace nnrun
