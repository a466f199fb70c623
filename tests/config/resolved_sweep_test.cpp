#include "config/resolved.h"
#include "config_files.h"

namespace nnrun {
namespace {

/// A file with this sweep; further text for the optimizer and the model's second layer.
std::string swept(const std::string& parameters, const std::string& pool = "\"size\": 2",
                  const std::string& optimizer = "") {
  return R"({"sweep": {)" + parameters + R"(}, "data": {"type": "synthetic_text"},
  "optimizer": {"type": "sgd")" +
         optimizer + R"(}, "model": {"layers": [
  {"name": "E", "type": "embedding", "units": 4}, {"name": "S", "type": "max_pool1d", )" +
         pool + R"(},
  {"name": "R", "type": "rnn", "units": 4}]}})";
}

/// What the trials of a config and of its resolved text, read in another folder, resolve to.
void expect_same_trials(const std::string& text, const Overrides& overrides = {}) {
  ConfigFiles files;
  files.write("a.json", text);
  const Experiment experiment = files.load("a.json", overrides);
  const std::string resolved = resolved_json(experiment);
  files.write("sub/a.json", resolved);
  const Experiment again = files.load("sub/a.json");
  EXPECT_EQ(resolved_json(again), resolved);
  const auto expected = expand_trials(experiment), trials = expand_trials(again);
  ASSERT_EQ(trials.size(), expected.size());
  for (size_t i = 0; i < trials.size(); ++i)
    EXPECT_EQ(resolved_json(trials[i].experiment), resolved_json(expected[i].experiment)) << text;
}

TEST(ResolvedSweepTest, LeavesDefaultsToTheTrialsThatDecideThem) {
  const std::string rates =
      R"("parameters": {"optimizer.type": {"values": ["sgd", "adam", "adagrad"]}})";
  expect_same_trials(swept(rates));
  expect_same_trials(swept(rates, "\"size\": 2", R"(, "learning_rate": 0.5, "momentum": 0.5)"));
  expect_same_trials(swept(rates), {{"optimizer.learning_rate=null"}, {}, {}});
  expect_same_trials(
      swept(R"("parameters": {"data.type": {"values": ["synthetic_text", "text_csv"]}})"),
      {{"data.classes=4"}, {}, {}});
  expect_same_trials(swept(R"("parameters": {"model.layers.R.type": {"values": ["rnn", "gru"]}})"));
  expect_same_trials(
      swept(R"("parameters": {"model.layers.2.type": {"values": ["lstm", "rnn"]}})"));
}

TEST(ResolvedSweepTest, LeavesAPoolsStrideToTheTrialThatDecidesItsSize) {
  for (const char* stride : {"", R"(, "stride": 1)"}) {
    const std::string pool = std::string("\"size\": 2") + stride;
    expect_same_trials(swept(R"("parameters": {"model.layers.S.size": {"values": [2, 3]}})", pool));
    expect_same_trials(
        swept(R"("parameters": {"model.layers.1.size": {"min": 2, "max": 4}})", pool));
    expect_same_trials(swept(
        R"("method": "random", "run_cap": 4, "parameters": {"model.layers.S.size": {"min": 2, "max": 9}})",
        pool));
    expect_same_trials(swept(
        R"("parameters": {"model.layers": {"values": [{"S": {"size": 3}}, {"S": {"size": 2}}]}})",
        pool));
  }
}

TEST(ResolvedSweepTest, WritesAllOtherDefaults) {
  ConfigFiles files;
  files.write(
      "a.json",
      swept(
          R"("parameters": {"model.layers.S.size": {"values": [2, 3]}, "optimizer.momentum": {"values": [0, 0.5]}})"));
  const std::string text = resolved_json(files.load("a.json"));
  EXPECT_NE(text.find(R"("padding": "valid")"), std::string::npos);
  EXPECT_NE(text.find(R"("learning_rate": 0.01)"), std::string::npos);
  EXPECT_EQ(text.find("stride"), std::string::npos) << text;
}

TEST(ResolvedSweepTest, NamesSweptWeightsByTheirAbsolutePath) {
  const std::string weights =
      R"("parameters": {"model.init_from": {"values": [null, "w/base.nnr"]}})";
  expect_same_trials(swept(weights));
  expect_same_trials(swept(R"("parameters": {"model": {"values": [{"init_from": "w/base.nnr",
    "layers": [{"name": "B", "type": "embedding_bag", "units": 4}]}]}})"));
  ConfigFiles files;
  files.write("a.json", swept(weights));
  const std::string path = (files.folder() / "w/base.nnr").string();
  EXPECT_NE(resolved_json(files.load("a.json")).find("[null, \"" + path + "\"]"),
            std::string::npos);
  EXPECT_EQ(expand_trials(files.load("a.json"))[1].values[0].second, "\"w/base.nnr\"");
}

}  // namespace
}  // namespace nnrun
