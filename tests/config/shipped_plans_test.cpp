#include <gtest/gtest.h>

#include <algorithm>

#include "config/config_files.h"
#include "nnrun/plan.h"

namespace nnrun {
namespace {

/// The plan on the report's vocabularies: 65 symbols or 35,287 words.
ModelPlan plan_of(const Experiment& experiment) {
  const DataConfig& data = experiment.config.data;
  InputSpec input = input_from_config(data);
  if (data.type == DataType::kTextCsv) input.vocabulary = data.unit == TextUnit::kChar ? 65 : 35287;
  return plan_experiment(experiment, input);
}

// Numbers of the 2020 report, from its printed model summaries; 713,425 is its word CNN as it was
// meant.
TEST(ShippedPlansTest, ParametersAreThoseOfTheReport) {
  const std::vector<std::pair<std::string, int64_t>> expected{
      {"partA_q1.json", 378570},
      {"partA_q3_momentum.json", 307310},
      {"partB_q1_char_cnn.json", 54885},
      {"partB_q2_word_cnn.json", 713425},
      {"partB_q3_char_rnn.json", 16995},
      {"partB_q6a_char_vanilla.json", 5855},
      {"partB_q6a_char_lstm.json", 22475},
      {"partB_q6b_char_two_layers.json", 19515},
      {"as_run/partA_q1.json", 378570},
      {"as_run/partA_q3_dropout_x2.json", 307310},
      {"as_run/partB_q1a_char_cnn.json", 54885},
      {"as_run/partB_q2a_word_cnn.json", 711600},
      {"as_run/partB_q3a_char_rnn.json", 16995},
      {"as_run/partB_q6ai_char_vanilla.json", 5855},
      {"as_run/partB_q6aii_char_lstm.json", 22475},
      {"as_run/partB_q6c_char_clip.json", 19515},
      {"as_run/partB_q4a_word_rnn.json", 1768985},
      {"as_run/partB_q6ai_word_vanilla.json", 1766085},
      {"as_run/partB_q6aii_word_lstm.json", 1770345},
      {"as_run/partB_q6b2_word_two_layers_dropout_x3.json", 1771505},
  };
  for (const auto& [name, parameters] : expected) {
    EXPECT_EQ(plan_of(load_experiment(name, kShipped, {})).parameters, parameters) << name;
  }
}

TEST(ShippedPlansTest, SweepOfChannelsFollowsTheReportsFormula) {
  std::vector<int64_t> found;
  for (const Trial& trial : expand_trials(load_experiment("partA_q2_sweep.json", kShipped, {}))) {
    found.push_back(plan_of(trial.experiment).parameters);
  }
  std::vector<int64_t> expected;
  for (const int64_t c1 : {10, 30, 50, 70, 90}) {
    for (const int64_t c2 : {20, 40, 60, 80, 100}) {
      expected.push_back(244 * c1 + (25 * c1 + 1) * c2 + (16 * c2 + 1) * 300 + 3010);
    }
  }
  EXPECT_EQ(found, expected);
}

TEST(ShippedPlansTest, EveryTrialOfEveryConfigCanBeBuilt) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kShipped)) {
    if (entry.path().extension() != ".json") continue;
    for (const Trial& trial : expand_trials(load_experiment(entry.path().string(), kShipped, {}))) {
      EXPECT_NO_THROW(plan_of(trial.experiment)) << entry.path() << " " << trial.folder;
    }
  }
}

}  // namespace
}  // namespace nnrun
