#include <set>

#include "sweep_files.h"

namespace nnrun {
namespace {

TEST(SweepRangesTest, IntegerRangesOfAGridStandForAllTheirValues) {
  const Expanded range(with_sweep(R"({"parameters": {"training.epochs": {"min": 2, "max": 4}}})"));
  EXPECT_EQ(lines(range.trials),
            (std::vector<std::string>{"trial-0000/seed-0 2", "trial-0001/seed-0 3",
                                      "trial-0002/seed-0 4"}));
  const Expanded steps(with_sweep(
      R"({"parameters": {"optimizer.momentum": {"distribution": "q_uniform", "min": 0.1, "max": 1, "q": 0.25}}})"));
  EXPECT_EQ(lines(steps.trials),
            (std::vector<std::string>{"trial-0000/seed-0 0.25", "trial-0001/seed-0 0.5",
                                      "trial-0002/seed-0 0.75", "trial-0003/seed-0 1"}));
}

TEST(SweepRangesTest, BoundsOfAGridAreIntegersHoweverTheyAreWritten) {
  for (const char* bounds : {R"("min": 2, "max": 0.3e1)", R"("min": 2.0, "max": 3.0)"})
    EXPECT_EQ(lines(Expanded(with_sweep(R"({"parameters": {"training.epochs": {)" +
                                        std::string(bounds) + "}}}"))
                        .trials),
              (std::vector<std::string>{"trial-0000/seed-0 2", "trial-0001/seed-0 3"}));
  const Expanded random(with_sweep(R"({"method": "random", "run_cap": 1, "parameters": {
      "optimizer.learning_rate": {"min": 1.0, "max": 3.0}}})"));
  EXPECT_NE(random.trials[0].values[0].second.find('.'), std::string::npos);
}

TEST(SweepRangesTest, IntegerRangesAreExactBeyondTheIntegersOfADouble) {
  const Expanded range(with_sweep(
      R"({"parameters": {"seed": {"min": 9007199254740992, "max": 9007199254740995}}})"));
  EXPECT_EQ(lines(range.trials),
            (std::vector<std::string>{"trial-0000/seed-9007199254740992 9007199254740992",
                                      "trial-0001/seed-9007199254740993 9007199254740993",
                                      "trial-0002/seed-9007199254740994 9007199254740994",
                                      "trial-0003/seed-9007199254740995 9007199254740995"}));
  const Expanded last(with_sweep(
      R"({"parameters": {"seed": {"min": 9223372036854775806, "max": 9223372036854775807}}})"));
  EXPECT_EQ(lines(last.trials),
            (std::vector<std::string>{"trial-0000/seed-9223372036854775806 9223372036854775806",
                                      "trial-0001/seed-9223372036854775807 9223372036854775807"}));
}

TEST(SweepRangesTest, RandomIntegersReachTheLargestSeedAndNotFurther) {
  const Expanded trials(with_sweep(R"({"method": "random", "run_cap": 50, "parameters": {
      "seed": {"min": 9223372036854775800, "max": 9223372036854775807}}})"));
  std::set<int64_t> seeds;
  for (const Trial& trial : trials.trials) seeds.insert(trial.seed);
  EXPECT_EQ(seeds.size(), 8U);
  const Expanded all(with_sweep(R"({"method": "random", "run_cap": 50, "parameters": {
      "seed": {"min": 0, "max": 9223372036854775807}}})"));
  EXPECT_EQ(all.trials.size(), 50U);
  all.files.write("again/sweep.json", resolved_json(all.files.load("sweep.json").config));
  EXPECT_EQ(lines(expand_trials(all.files.load("again/sweep.json"))), lines(all.trials));
}

TEST(SweepRangesTest, ARangeWithoutAMultipleIsAnError) {
  ConfigFiles files;
  const std::string range = R"("parameters": {"optimizer.momentum":
 {"distribution": "q_uniform", "min": 0.05, "max": 0.08, "q": 0.1}})";
  for (const std::string method : {"", R"("method": "random", "run_cap": 3, )"}) {
    files.write("q.json", with_sweep("{" + method + range + "}"));
    EXPECT_EQ(files.problems("q.json"),
              "q.json:2:2: /sweep/parameters/optimizer.momentum: no value (no multiple of q "
              "between min and max)");
  }
}

TEST(SweepRangesTest, MultiplesBeyondTheIntegersOfADoubleEnd) {
  ConfigFiles files;
  const auto range = [&](const std::string& bounds) {
    files.write("q.json", with_sweep(R"({"parameters": {"seed": {"distribution": "q_uniform", )" +
                                     bounds + "}}}"));
    return files.problems("q.json");
  };
  EXPECT_EQ(range(R"("min": 9007199254740992, "max": 9007199254740996)"), "");
  const std::string too_many =
      "q.json:1:35: /sweep/parameters/seed: too many values (expected at most 100,000)";
  EXPECT_EQ(range(R"("min": 0, "max": 9007199254740992)"), too_many);
  EXPECT_EQ(range(R"("min": -1e300, "max": 1e300, "q": 1e-300)"), too_many);
}

TEST(SweepRangesTest, WholeNumbersAreWrittenWithoutExponent) {
  const std::string range = R"("training.batch_size": {"min": 99999, "max": 100001)";
  EXPECT_EQ(lines(Expanded(with_sweep(R"({"parameters": {)" + range + "}}}")).trials),
            (std::vector<std::string>{"trial-0000/seed-0 99999", "trial-0001/seed-0 100000",
                                      "trial-0002/seed-0 100001"}));
  const Expanded steps(with_sweep(
      R"({"parameters": {"seed": {"distribution": "q_uniform", "q": 1e5, "min": 0, "max": 2e5}}})"));
  EXPECT_EQ(lines(steps.trials),
            (std::vector<std::string>{"trial-0000/seed-0 0", "trial-0001/seed-100000 100000",
                                      "trial-0002/seed-200000 200000"}));
  const Expanded random(with_sweep(R"({"method": "random", "run_cap": 30, "parameters": {
      "seed": {"distribution": "q_uniform", "q": 1e5, "min": 1e5, "max": 3e5}}})"));
  for (const Trial& trial : random.trials)
    EXPECT_EQ(trial.values[0].second, std::to_string(trial.seed));
}

TEST(SweepRangesTest, ZeroIsWrittenWithoutASign) {
  const Expanded trials(with_sweep(
      R"({"parameters": {"optimizer.momentum": {"distribution": "q_uniform", "min": 0, "max": 0.5, "q": 0.5}}})"));
  EXPECT_EQ(lines(trials.trials),
            (std::vector<std::string>{"trial-0000/seed-0 0", "trial-0001/seed-0 0.5"}));
}

TEST(SweepRangesTest, MultiplesOfAStepAreWrittenShort) {
  const std::string range = R"("parameters": {"optimizer.learning_rate":
      {"distribution": "q_uniform", "min": 0.25, "max": 0.7, "q": 0.1}})";
  EXPECT_EQ(lines(Expanded(with_sweep("{" + range + "}")).trials),
            (std::vector<std::string>{"trial-0000/seed-0 0.3", "trial-0001/seed-0 0.4",
                                      "trial-0002/seed-0 0.5", "trial-0003/seed-0 0.6",
                                      "trial-0004/seed-0 0.7"}));
  const Expanded random(with_sweep(R"({"method": "random", "run_cap": 50, )" + range + "}"));
  for (const Trial& trial : random.trials) EXPECT_EQ(trial.values[0].second.size(), 3U);
}

TEST(SweepRangesTest, OneProblemStandsForAllOfARange) {
  ConfigFiles files;
  files.write("a.json", with_sweep(R"({"parameters": {"training.epochs": {"min": -99, "max": 0},
 "model.layers.C.kernel": {"values": [0, -1]}}})"));
  EXPECT_EQ(files.problems("a.json"),
            "a.json:1:46: /sweep/parameters/training.epochs: out of range (got -99, expected an "
            "integer from 1 to 2147483647)\n"
            "a.json:2:39: /sweep/parameters/model.layers.C.kernel/values/0: out of range (got 0, "
            "expected an integer from 1 to 2147483647)\n"
            "a.json:2:42: /sweep/parameters/model.layers.C.kernel/values/1: out of range (got -1, "
            "expected an integer from 1 to 2147483647)");
}

TEST(SweepRangesTest, RandomDrawsStayInTheirRangesAndDoNotDependOnOtherAxes) {
  const std::string rate =
      R"("optimizer.learning_rate": {"distribution": "log_uniform_values", "min": 1e-5, "max": 0.1})";
  const Expanded one(
      with_sweep(R"({"method": "random", "run_cap": 200, "parameters": {)" + rate + "}}"));
  const Expanded two(with_sweep(R"({"method": "random", "run_cap": 200, "parameters": {
      "training.epochs": {"min": 1, "max": 3}, "optimizer.momentum": {"min": 0.5, "max": 0.75},
      "training.batch_size": {"distribution": "q_uniform", "min": 10, "max": 50, "q": 20},
      "model.layers.F.activation": {"values": ["relu", "tanh"]}, )" +
                                rate + "}}"));
  int64_t small = 0;
  std::array<int64_t, 3> epochs{};
  for (size_t i = 0; i < 200; ++i) {
    const ExperimentConfig& config = two.trials[i].experiment.config;
    EXPECT_EQ(config.optimizer.learning_rate,
              one.trials[i].experiment.config.optimizer.learning_rate);
    EXPECT_GE(config.optimizer.learning_rate, 1e-5);
    EXPECT_LE(config.optimizer.learning_rate, 0.1);
    small += config.optimizer.learning_rate < 1e-3 ? 1 : 0;
    EXPECT_GE(config.optimizer.momentum, 0.5);
    EXPECT_LT(config.optimizer.momentum, 0.75);
    EXPECT_TRUE(config.training.batch_size == 20 || config.training.batch_size == 40);
    ++epochs[static_cast<size_t>(config.training.epochs - 1)];
  }
  EXPECT_NEAR(static_cast<double>(small), 100,
              35);  // half of a log range, five standard deviations
  for (const int64_t count : epochs) EXPECT_NEAR(static_cast<double>(count), 66.7, 33);
}

}  // namespace
}  // namespace nnrun
