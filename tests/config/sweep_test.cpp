#include "config/tree.h"
#include "sweep_files.h"

namespace nnrun {
namespace {

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

/// Each trial reads a copy of these values: with the sweep's among them a long list of values would
/// be copied as often as it is long.
TEST(SweepTest, TrialsShareAConfigWithoutTheSweep) {
  const Expanded grid(with_sweep(R"({"parameters": {"training.epochs": {"values": [1, 2, 3]}}})"),
                      {{"sweep.run_cap=2", "optimizer.momentum=0.5"}, std::nullopt, std::nullopt});
  ASSERT_EQ(grid.trials.size(), 2U);
  const auto& first = *grid.trials[0].experiment.tree;
  EXPECT_EQ(first.files->find("sweep"), nullptr);
  EXPECT_EQ(first.merged().find("sweep"), nullptr);
  EXPECT_EQ(grid.trials[1].experiment.tree->files, first.files);
  EXPECT_EQ(grid.trials[1].experiment.config.optimizer.momentum, 0.5);
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

TEST(SweepTest, ARunCapEndsAGridEarly) {
  const Expanded grid(
      with_sweep(R"({"run_cap": 2, "parameters": {"training.epochs": {"min": 1, "max": 9}}})"));
  EXPECT_EQ(grid.trials.size(), 2U);
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

TEST(SweepTest, EqualValuesAreToldByWhatTheyMean) {
  ConfigFiles files;
  files.write("a.json", with_sweep(R"({"parameters": {
 "model.layers.C.kernel": {"values": [[3, 3], 5, 3]},
 "optimizer.learning_rate": {"values": [0.05, null, 0.01]},
 "training.checkpoint_every": {"values": ["auto", 1, 2]}}})"));
  EXPECT_EQ(files.problems("a.json"),
            "a.json:2:50: /sweep/parameters/model.layers.C.kernel/values/2: equal values (got 3, "
            "which means the same as entry 0)\n"
            "a.json:3:53: /sweep/parameters/optimizer.learning_rate/values/2: equal values (got "
            "0.01, which means the same as entry 1)");
  const Expanded adam(with_sweep(R"({"parameters": {"optimizer.type": {"value": "adam"},
    "optimizer.learning_rate": {"values": [null, 0.01]}}})"));
  EXPECT_EQ(adam.trials.size(), 2U);  // its own default is 0.001
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
