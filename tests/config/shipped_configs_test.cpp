#include <algorithm>

#include "config_files.h"

namespace nnrun {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> shipped_names() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kShipped)) {
    if (entry.path().extension() == ".json")
      names.push_back(fs::relative(entry.path(), kShipped).string());
  }
  std::ranges::sort(names);
  return names;
}

class ShippedConfigsFileTest : public testing::TestWithParam<std::string> {};

TEST_P(ShippedConfigsFileTest, ReadsAndItsResolvedFormReadsBackAsTheSame) {
  const Experiment experiment = load_experiment(GetParam(), kShipped, {});
  const std::string resolved = resolved_json(experiment.config);
  ConfigFiles files;
  files.write("again.json", resolved);
  EXPECT_EQ(resolved_json(files.load("again.json").config), resolved);
  EXPECT_FALSE(expand_trials(experiment).empty());
}

/// Test names are made of letters and digits.
std::string test_name(const testing::TestParamInfo<std::string>& file) {
  std::string name = file.param;
  std::ranges::replace_if(
      name, [](char byte) { return !isalnum(byte); }, '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, ShippedConfigsFileTest, testing::ValuesIn(shipped_names()),
                         test_name);

ExperimentConfig shipped(const std::string& name) {
  return load_experiment(name, kShipped, {}).config;
}

const LayerConfig& layer(const ExperimentConfig& config, const std::string& name) {
  const auto found = std::ranges::find(config.model.layers, name, &LayerConfig::name);
  if (found == config.model.layers.end()) throw std::runtime_error("no layer " + name);
  return *found;
}

TEST(ShippedConfigsTest, AsAskedDiffersFromAsRunWhereTheReportDid) {
  EXPECT_EQ(shipped("partA_q1.json").data.pixel_order, PixelOrder::kPlanar);
  EXPECT_EQ(shipped("as_run/partA_q1.json").data.pixel_order, PixelOrder::kInterleaved);
  EXPECT_EQ(shipped("partA_q3_momentum.json").optimizer.momentum, 0.1);
  EXPECT_EQ(shipped("as_run/partA_q3_momentum.json").optimizer.momentum, 0.9);
  EXPECT_EQ(layer(shipped("partB_q4_word_rnn.json"), "E").units, 20);
  EXPECT_EQ(layer(shipped("as_run/partB_q4a_word_rnn.json"), "E").units, 50);
  EXPECT_TRUE(layer(shipped("as_run/partB_q1b_char_cnn_dropout.json"), "D1").in_evaluation);
  EXPECT_EQ(shipped("as_run/partB_q6ai_word_vanilla.json").optimizer.type, OptimizerType::kSgd);
}

TEST(ShippedConfigsTest, NamesFollowTheFiles) {
  EXPECT_EQ(shipped("partA_q1.json").name, "partA_q1");
  EXPECT_EQ(shipped("as_run/partA_q1.json").name, "as_run_partA_q1");
}

}  // namespace
}  // namespace nnrun
