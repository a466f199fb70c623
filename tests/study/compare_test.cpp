#include <cmath>

#include "study/made_up_runs.h"

namespace nnrun {
namespace {

TEST(CompareTest, SentencesSayWhatTheyRestOn) {
  const auto side = [](const std::vector<double>& values) {
    std::vector<StudyRun> runs;
    for (const double value : values) {
      const auto seed = static_cast<int64_t>(runs.size());
      runs.push_back(run_of("r", seed, {}, {value}));
    }
    return runs;
  };
  const auto ask = [&](const std::vector<double>& a, const std::vector<double>& b,
                       const std::optional<Disagreement>& items = {}) {
    return compare("A", side(a), "B", side(b), Metric::kValAccuracy, items);
  };
  EXPECT_TRUE(ask({0.50, 0.51, 0.52}, {0.30, 0.32, 0.31}).told);
  const Comparison steps = ask({0.51, 0.52}, {0.50, 0.51});
  EXPECT_FALSE(steps.told);
  EXPECT_EQ(steps.sentence.rfind("cannot tell", 0), 0u) << steps.sentence;
  EXPECT_FALSE(ask({0.51}, {0.50}).told);
  EXPECT_TRUE(ask({0.51}, {0.40}, Disagreement{40, 10}).told);
  EXPECT_FALSE(ask({0.51}, {0.50}, Disagreement{11, 10}).told);
}

/// The weights of a run that diverged guess one class, which may be a frequent one.
TEST(CompareTest, ItemsDecideOnlyBetweenModelsThatHaveAValue) {
  const std::vector<StudyRun> good{run_of("good", 0, {}, {0.2})};
  std::vector<StudyRun> bad{run_of("bad", 0, {}, {0.8})};
  EXPECT_TRUE(are_judged_by_items(good, bad, Metric::kValAccuracy));
  EXPECT_FALSE(are_judged_by_items(good, bad, Metric::kValLoss));
  EXPECT_FALSE(are_judged_by_items(good, {bad[0], bad[0]}, Metric::kValAccuracy));
  bad[0].summary.status = "diverged";
  EXPECT_FALSE(are_judged_by_items(good, bad, Metric::kValAccuracy));
  EXPECT_FALSE(are_judged_by_items(bad, good, Metric::kValAccuracy));
  bad = good;
  bad[0].data_hash = "other";
  EXPECT_FALSE(are_judged_by_items(good, bad, Metric::kValAccuracy));
}

/// Three runs each, seeds 0 to 2.
std::vector<StudyRun> three_runs(double value) {
  std::vector<StudyRun> runs;
  for (int64_t seed = 0; seed < 3; ++seed) {
    runs.push_back(run_of("r", seed, {}, {value + 0.01 * static_cast<double>(seed % 2)}));
  }
  return runs;
}

TEST(CompareTest, SentencesNameWhatCannotBePaired) {
  const auto sentence = [](const std::vector<StudyRun>& b) {
    return compare("A", three_runs(0.3), "B", b, Metric::kValAccuracy, {}).sentence;
  };
  std::vector<StudyRun> other = three_runs(0.5);
  for (StudyRun& run : other) run.val_examples = 500;
  EXPECT_EQ(sentence(other),
            "cannot tell: A and B have no seed at which they can be compared; at seeds 0, 1, 2 "
            "val_accuracy is of other examples");
  other = three_runs(0.5);
  for (StudyRun& run : other) run.rows.back().val_accuracy = std::nan("");
  EXPECT_EQ(sentence(other),
            "cannot tell: A and B have no seed at which they can be compared; at seeds 0, 1, 2 "
            "val_accuracy is not finite");
  other = three_runs(0.5);
  other[1].summary.status = "diverged";
  EXPECT_TRUE(sentence(other).ends_with("; at seed 1 a run diverged")) << sentence(other);
  other = three_runs(0.5);
  other[2].rows.back().val_accuracy = HUGE_VAL;
  other[0].data_hash = "other";
  EXPECT_TRUE(
      sentence(other).ends_with("; at seed 2 val_accuracy is not finite; their data differ"))
      << sentence(other);
}

TEST(CompareTest, SentencesSayWhatTheValuesAreNot) {
  const auto sentence = [](const std::vector<StudyRun>& b) {
    return compare("A", three_runs(0.3), "B", b, Metric::kValAccuracy, {}).sentence;
  };
  const std::string cut = "; some runs are not at their end, theirs is the last value so far";
  const std::string restored =
      "; restore_best: val_accuracy is of the last epoch, the weights (and the test items they get "
      "right) of an earlier one";
  std::vector<StudyRun> other = three_runs(0.5);
  EXPECT_TRUE(sentence(other).ends_with(")")) << sentence(other);
  other[1].summary.status = "diverged";
  EXPECT_TRUE(sentence(other).ends_with("diverged")) << "that is an end: " << sentence(other);
  other = three_runs(0.5);
  other[1].summary.status = "stopped";
  EXPECT_TRUE(sentence(other).ends_with(cut)) << sentence(other);
  other[1].summary.status = "running";
  other[0].fields = {{"training.early_stopping.restore_best", "true"}};
  EXPECT_TRUE(sentence(other).ends_with(cut + restored)) << sentence(other);
}

}  // namespace
}  // namespace nnrun
