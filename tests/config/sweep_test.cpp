#include <set>

#include "config_files.h"

namespace nnrun {
namespace {

/// An experiment with this sweep and further keys of the root.
std::string with_sweep(const std::string& sweep, const std::string& more = "") {
  return R"({"sweep": )" + sweep + more +
         R"(, "data": {"type": "cifar10"}, "optimizer": {"type": "sgd", "momentum": 0.9},
    "model": {"layers": [{"name": "C", "type": "conv2d", "filters": 5, "kernel": 3}, {"name": "flat", "type": "flatten"}, {"name": "F", "type": "dense", "units": 10}]}})";
}

struct Expanded {
  explicit Expanded(const std::string& text, const Overrides& overrides = {}) {
    files.write("sweep.json", text);
    trials = expand_trials(files.load("sweep.json", overrides));
  }
  ConfigFiles files;
  std::vector<Trial> trials;
};

/// "FOLDER VALUE VALUE" of each trial.
std::vector<std::string> lines(const std::vector<Trial>& trials) {
  std::vector<std::string> result;
  for (const Trial& trial : trials) {
    result.push_back(trial.folder);
    for (const auto& [path, value] : trial.values) result.back() += " " + value;
  }
  return result;
}

TEST(SweepTest, TheLastParameterOfAGridVariesFastest) {
  const Expanded grid(with_sweep(R"({"parameters": {"model.layers.C.filters": {"values": [10, 30]},
                                                    "optimizer.learning_rate": {"values": [0.1, 0.2, 0.3]}}})"));
  EXPECT_EQ(lines(grid.trials),
            (std::vector<std::string>{"trial-0000/seed-0 10 0.1", "trial-0001/seed-0 10 0.2",
                                      "trial-0002/seed-0 10 0.3", "trial-0003/seed-0 30 0.1",
                                      "trial-0004/seed-0 30 0.2", "trial-0005/seed-0 30 0.3"}));
  EXPECT_EQ(grid.trials[5].experiment.config.model.layers[0].filters, 30);
  EXPECT_EQ(grid.trials[5].experiment.config.optimizer.learning_rate, 0.3);
  EXPECT_FALSE(grid.trials[5].experiment.config.sweep);
  EXPECT_EQ(grid.trials[5].experiment.config.name, "sweep");
}

TEST(SweepTest, RepeatsUseTheNextSeeds) {
  const Expanded both(with_sweep(R"({"parameters": {"training.epochs": {"values": [1, 2]}}})",
                                 R"(, "seed": 7, "repeats": 2)"));
  EXPECT_EQ(lines(both.trials),
            (std::vector<std::string>{"trial-0000/seed-7 1", "trial-0000/seed-8 1",
                                      "trial-0001/seed-7 2", "trial-0001/seed-8 2"}));
  EXPECT_EQ(both.trials[1].experiment.config.seed, 8);
  EXPECT_EQ(both.trials[1].experiment.config.repeats, 1);
}

TEST(SweepTest, RepeatsAloneHaveASeedLevelOnly) {
  ConfigFiles files;
  files.write("good.json", kSmall);
  EXPECT_EQ(lines(expand_trials(files.load("good.json", {{}, 3, 2}))),
            (std::vector<std::string>{"seed-3", "seed-4"}));
  EXPECT_EQ(lines(expand_trials(files.load("good.json"))), std::vector<std::string>{""});
}

TEST(SweepTest, IntegerRangesOfAGridStandForAllTheirValues) {
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

TEST(SweepTest, BoundsOfAGridAreIntegersHoweverTheyAreWritten) {
  for (const char* bounds : {R"("min": 2, "max": 0.3e1)", R"("min": 2.0, "max": 3.0)"})
    EXPECT_EQ(lines(Expanded(with_sweep(R"({"parameters": {"training.epochs": {)" +
                                        std::string(bounds) + "}}}"))
                        .trials),
              (std::vector<std::string>{"trial-0000/seed-0 2", "trial-0001/seed-0 3"}));
  const Expanded random(with_sweep(R"({"method": "random", "run_cap": 1, "parameters": {
      "optimizer.learning_rate": {"min": 1.0, "max": 3.0}}})"));
  EXPECT_NE(random.trials[0].values[0].second.find('.'), std::string::npos);
}

TEST(SweepTest, IntegerRangesAreExactBeyondTheIntegersOfADouble) {
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

TEST(SweepTest, RandomIntegersReachTheLargestSeedAndNotFurther) {
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

TEST(SweepTest, ARangeWithoutAMultipleIsAnError) {
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

TEST(SweepTest, MultiplesBeyondTheIntegersOfADoubleEnd) {
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

TEST(SweepTest, WholeNumbersAreWrittenWithoutExponent) {
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

TEST(SweepTest, ZeroIsWrittenWithoutASign) {
  const Expanded trials(with_sweep(
      R"({"parameters": {"optimizer.momentum": {"distribution": "q_uniform", "min": 0, "max": 0.5, "q": 0.5}}})"));
  EXPECT_EQ(lines(trials.trials),
            (std::vector<std::string>{"trial-0000/seed-0 0", "trial-0001/seed-0 0.5"}));
}

TEST(SweepTest, MultiplesOfAStepAreWrittenShort) {
  const std::string range = R"("parameters": {"optimizer.learning_rate":
      {"distribution": "q_uniform", "min": 0.25, "max": 0.7, "q": 0.1}})";
  EXPECT_EQ(lines(Expanded(with_sweep("{" + range + "}")).trials),
            (std::vector<std::string>{"trial-0000/seed-0 0.3", "trial-0001/seed-0 0.4",
                                      "trial-0002/seed-0 0.5", "trial-0003/seed-0 0.6",
                                      "trial-0004/seed-0 0.7"}));
  const Expanded random(with_sweep(R"({"method": "random", "run_cap": 50, )" + range + "}"));
  for (const Trial& trial : random.trials) EXPECT_EQ(trial.values[0].second.size(), 3U);
}

TEST(SweepTest, ARunCapEndsAGridEarly) {
  const Expanded grid(
      with_sweep(R"({"run_cap": 2, "parameters": {"training.epochs": {"min": 1, "max": 9}}})"));
  EXPECT_EQ(grid.trials.size(), 2U);
}

TEST(SweepTest, OneProblemStandsForAllOfARange) {
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

TEST(SweepTest, ShapesOfAllTrialsAreToldBesideOtherProblems) {
  ConfigFiles files;
  files.write("a.json", with_sweep(R"({"parameters": {"training.epochs": {"values": [1, 0]},
 "model.layers.F.units": {"values": [8, 9, 10]}}})"));
  const std::string narrow = ": the last layer is narrower than the classes (got ";
  EXPECT_EQ(files.problems("a.json"),
            "a.json:1:61: /sweep/parameters/training.epochs/values/1: out of range (got 0, "
            "expected an integer from 1 to 2147483647)\n"
            "a.json:2:38: /sweep/parameters/model.layers.F.units/values/0" +
                narrow +
                "8, expected at least 10)\n"
                "a.json:2:41: /sweep/parameters/model.layers.F.units/values/1" +
                narrow + "9, expected at least 10)");
}

TEST(SweepTest, SweptRepeatsCountToo) {
  ConfigFiles files;
  const auto repeats = [&](const std::string& values) {
    files.write("a.json", with_sweep(R"({"parameters": {"repeats": {"values": )" + values + "}}}"));
    return files.problems("a.json");
  };
  EXPECT_EQ(repeats("[1, 99999]"), "");
  const std::string message = ": too many trials (expected at most 100,000, repeats included)";
  EXPECT_EQ(repeats("[1, 100000]"), "a.json:1:53: /sweep/parameters/repeats/values/1" + message);
  EXPECT_EQ(repeats("[2000000000]"), "a.json:1:50: /sweep/parameters/repeats/values/0" + message);
}

TEST(SweepTest, RandomDrawsStayInTheirRangesAndDoNotDependOnOtherAxes) {
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

TEST(SweepTest, ASweptTypeDropsKeysThatItDoesNotKnow) {
  const Expanded types(
      with_sweep(R"({"parameters": {"optimizer.type": {"values": ["sgd", "adam"]}}})"));
  EXPECT_EQ(types.trials[0].experiment.config.optimizer.momentum, 0.9);
  EXPECT_EQ(types.trials[1].experiment.config.optimizer.type, OptimizerType::kAdam);
}

TEST(SweepTest, SweptNullIsTheDefault) {
  const Expanded clips(with_sweep(
      R"({"parameters": {"optimizer.clip_norm": {"values": [null, 2]}, "optimizer.momentum": {"value": null}}})"));
  EXPECT_EQ(lines(clips.trials),
            (std::vector<std::string>{"trial-0000/seed-0 null null", "trial-0001/seed-0 2 null"}));
  EXPECT_FALSE(clips.trials[0].experiment.config.optimizer.clip_norm);
  EXPECT_EQ(clips.trials[1].experiment.config.optimizer.momentum, 0);
}

TEST(SweepTest, ARequiredKeyMayStandInTheSweepAlone) {
  const Expanded kinds(
      R"({"sweep": {"parameters": {"optimizer.type": {"values": ["adam", "sgd"]}}}, "data": {"type": "cifar10"},
    "model": {"layers": [{"name": "F", "type": "dense", "units": 10}]}})");
  EXPECT_EQ(kinds.trials.size(), 2U);
  EXPECT_EQ(kinds.trials[1].experiment.config.optimizer.type, OptimizerType::kSgd);
}

TEST(SweepTest, OptionsComeAfterTheSweep) {
  const Expanded capped(
      with_sweep(R"({"parameters": {"optimizer.type": {"values": ["sgd", "adam"]}}})"),
      {{"sweep.parameters.optimizer.type.values=[\"rmsprop\"]", "optimizer.learning_rate=0.5"},
       {},
       {}});
  ASSERT_EQ(capped.trials.size(), 1U);
  EXPECT_EQ(capped.trials[0].experiment.config.optimizer.type, OptimizerType::kRmsprop);
  EXPECT_EQ(capped.trials[0].experiment.config.optimizer.learning_rate, 0.5);
  const Expanded without(with_sweep(R"({"parameters": {"seed": {"values": [1, 2]}}})"),
                         {{"sweep=null"}, {}, {}});
  EXPECT_EQ(lines(without.trials), std::vector<std::string>{""});
}

TEST(SweepTest, ANullOptionTakesAnAxisOrItsValuesOut) {
  const std::string axes = with_sweep(R"({"parameters": {"seed": {"values": [1, 2]},
      "training.epochs": {"values": [3, 4, 5]}}})");
  const auto trials = [&](const std::vector<std::string>& set) {
    return lines(Expanded(axes, {set, {}, {}}).trials);
  };
  EXPECT_EQ(trials({"sweep.parameters.training.epochs=null"}),
            (std::vector<std::string>{"trial-0000/seed-1 1", "trial-0001/seed-2 2"}));
  EXPECT_EQ(trials({"sweep.parameters.training.epochs.values=null",
                    "sweep.parameters.training.epochs.value=7"}),
            (std::vector<std::string>{"trial-0000/seed-1 1 7", "trial-0001/seed-2 2 7"}));
  EXPECT_EQ(trials({"sweep.parameters.seed.values=[null]", "sweep.run_cap=1"}),
            (std::vector<std::string>{"trial-0000/seed-0 null 3"}));
  EXPECT_EQ(trials({R"(sweep.parameters.seed={"value": null})", "sweep.run_cap=1"}),
            (std::vector<std::string>{"trial-0000/seed-0 null 3"}));
  ConfigFiles files;
  files.write("a.json", axes);
  EXPECT_EQ(files.problems(
                "a.json",
                {{"sweep.parameters.seed=null", "sweep.parameters.training.epochs=null"}, {}, {}}),
            "a.json:1:26: /sweep/parameters: no parameters (expected at least one)");
  EXPECT_EQ(files.problems("a.json", {{"sweep.parameters.seed.values=null"}, {}, {}}),
            "a.json:1:35: /sweep/parameters/seed: no values (expected \"values\", \"value\", or "
            "\"min\" and \"max\")");
}

TEST(SweepTest, TakesTheKeysOfAWandbFile) {
  const Expanded wandb(
      with_sweep(R"({"program": "train.py", "command": ["python"], "project": "p", "entity": null,
    "name": 5, "description": "d", "method": "grid", "metric": {"name": "val_loss"},
    "early_terminate": {"type": "hyperband", "min_iter": 3, "max_iter": 27, "s": 2},
    "parameters": {"training.epochs": {"distribution": "categorical", "values": [1]},
                   "training.batch_size": {"distribution": "constant", "value": 64}}})"));
  EXPECT_EQ(wandb.trials[0].experiment.config.training.batch_size, 64);
  const SweepConfig sweep = *wandb.files.load("sweep.json").config.sweep;
  EXPECT_EQ(sweep.metric, Metric::kValLoss);
  EXPECT_FALSE(sweep.maximize);
  EXPECT_EQ(sweep.early_terminate->min_iter, 3);
  EXPECT_EQ(sweep.early_terminate->eta, 3);
}

TEST(SweepTest, ResolvedSweepsGiveTheSameTrials) {
  const Expanded random(with_sweep(R"({"method": "random", "run_cap": 5, "parameters": {
      "optimizer.learning_rate": {"min": 0.001, "max": 0.1}, "training.epochs": {"min": 1, "max": 100}}})"));
  random.files.write("again/sweep.json", resolved_json(random.files.load("sweep.json").config));
  EXPECT_EQ(lines(expand_trials(random.files.load("again/sweep.json"))), lines(random.trials));
}

TEST(SweepTest, ProblemsOfATrialAreToldWhereTheValueStands) {
  ConfigFiles files;
  files.write("bad.json",
              with_sweep(R"({"parameters": {"optimizer.type": {"values": ["sgd", "adam"]},
 "optimizer.momentum": {"values": [0.5]}}})"));
  EXPECT_EQ(files.problems("bad.json"),
            "bad.json:2:2: /sweep/parameters/optimizer.momentum: unknown key of adam (got "
            "\"momentum\", expected \"type\", "
            "\"learning_rate\", \"beta_1\", \"beta_2\", \"epsilon\", \"schedule\", \"clip_value\", "
            "\"clip_norm\" or "
            "\"global_clip_norm\")");
}

}  // namespace
}  // namespace nnrun
