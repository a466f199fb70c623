#include <algorithm>

#include "config_files.h"

namespace nnrun {
namespace {

TEST(ExtendsTest, MergesObjectsReplacesListsAndDeletesByNull) {
  ConfigFiles files;
  files.write("base.json", R"({
    "seed": 7, "tags": ["a", "b"],
    "data": {"type": "cifar10", "test_per_class": 200},
    "model": {"layers": [{"name": "F", "type": "dense", "units": 10}]},
    "optimizer": {"type": "sgd", "learning_rate": 0.5, "momentum": 0.9}})");
  files.write("child.json", R"({
    "extends": "base.json", "seed": null, "tags": ["c"], "optimizer": {"learning_rate": 0.25},
    "data": {"limit": {"train": 5}}})");
  const ExperimentConfig config = files.load("child.json").config;
  EXPECT_EQ(config.seed, 0);
  EXPECT_EQ(config.tags, std::vector<std::string>{"c"});
  EXPECT_EQ(config.optimizer.learning_rate, 0.25);
  EXPECT_EQ(config.optimizer.momentum, 0.9);
  EXPECT_EQ(config.data.test_per_class, 200);
  EXPECT_EQ(config.data.limit.train, 5);
}

TEST(ExtendsTest, PatchesLayersByName) {
  ConfigFiles files;
  files.write("base.json", R"({
    "data": {"type": "cifar10"}, "optimizer": {"type": "sgd"},
    "model": {"layers": [
      {"name": "flat", "type": "flatten"},
      {"name": "F3", "type": "dense", "units": 300, "activation": "relu"},
      {"name": "X", "type": "activation", "activation": "tanh"},
      {"name": "F4", "type": "dense", "units": 10}]}})");
  files.write("child.json", R"({"extends": "base.json", "model": {"layers": {
    "F3": {"units": 20, "activation": null}, "X": null,
    "after:F3": {"name": "D2", "type": "dropout", "rate": 0.5},
    "before:F3": {"name": "D1", "type": "dropout", "rate": 0.25}}}})");
  const ExperimentConfig config = files.load("child.json").config;
  std::string names;
  for (const LayerConfig& layer : config.model.layers) names += layer.name + " ";
  EXPECT_EQ(names, "flat D1 F3 D2 F4 ");
  EXPECT_EQ(config.model.layers[2].units, 20);
  EXPECT_EQ(config.model.layers[2].activation, Activation::kNone);
  EXPECT_EQ(config.model.layers[2].pointer, "/model/layers/2");
}

/// The layers that a patch leaves of A, R (a residual of X), F.
std::string patched(const std::string& patch) {
  ConfigFiles files;
  files.write("base.json", R"({
    "data": {"type": "cifar10"}, "optimizer": {"type": "sgd"},
    "model": {"layers": [
      {"name": "A", "type": "flatten"},
      {"name": "R", "type": "residual", "layers": [{"name": "X", "type": "dropout", "rate": 0.5}]},
      {"name": "F", "type": "dense", "units": 10}]}})");
  files.write("child.json", R"({"extends": "base.json", "model": {"layers": )" + patch + "}}");
  const std::string problems = files.problems("child.json");
  if (!problems.empty()) return problems;
  std::string names;
  for (const LayerConfig& layer : files.load("child.json").config.model.layers) {
    names += layer.name + " ";
    for (const LayerConfig& inner : layer.layers) names += "(" + inner.name + ") ";
  }
  return names;
}

/// As objects have no order: whoever sorts their keys changes nothing.
TEST(ExtendsTest, APatchOfLayersIsTheSameInAnyOrderOfItsKeys) {
  const auto dropout = [](const std::string& name) {
    return R"({"name": ")" + name + R"(", "type": "dropout", "rate": 0.5})";
  };
  const auto dense = [](const std::string& name) {
    return R"({"name": ")" + name + R"(", "type": "dense", "units": 10})";
  };
  const struct {
    std::vector<std::string> members;
    const char* layers;
  } cases[] = {{{R"("after:F": )" + dense("G"), R"("F": null)"}, "A R (X) G "},
               {{R"("after:F": )" + dense("G"), R"("F": {"name": "H"})"}, "A R (X) H G "},
               {{R"("before:F": )" + dropout("D1"), R"("after:D1": )" + dropout("D3"),
                 R"("before:D3": )" + dropout("D2")},
                "A R (X) D1 D2 D3 F "},
               {{R"("after:A": )" + dropout("F"), R"("F": null)", R"("after:F": )" + dense("G")},
                "A F R (X) G "},  // "F" is the parent's, not the new one
               {{R"("after:X": )" + dropout("Y"), R"("X": null)", R"("before:R": )" + dropout("D")},
                "A D R (Y) F "},
               {{R"("R": null)", R"("X": {"rate": 0.25})"}, "A F "}};
  for (const auto& [given, layers] : cases) {
    std::vector<std::string> members = given;
    std::ranges::sort(members);
    do {
      std::string patch;
      for (const std::string& member : members) patch += (patch.empty() ? "{" : ", ") + member;
      EXPECT_EQ(patched(patch + "}"), layers) << patch;
    } while (std::ranges::next_permutation(members).found);
  }
  const std::string unknown =
      "no such layer (got \"G\", expected \"A\", \"R\", \"X\" or \"F\"); did you mean ";
  for (const std::string& patch : {R"({"F": {"name": "G"}, "after:G": )" + dense("H") + "}",
                                   R"({"after:G": )" + dense("H") + R"(, "F": {"name": "G"}})"}) {
    EXPECT_NE(patched(patch).find(unknown), std::string::npos) << patched(patch);
  }
}

TEST(ExtendsTest, PathsAreNotLookedUpAmongTheShippedConfigs) {
  ConfigFiles files;
  for (const std::string name : {"./partA_q1.json", "../configs/partA_q1.json"}) {
    files.write("child.json", R"({"extends": ")" + name + R"("})");
    EXPECT_EQ(files.problems("child.json"),
              "child.json:1:13: /extends: no such file to extend (got \"" + name +
                  "\", expected a file or a shipped config); did you mean \"partA_q1.json\"?");
    EXPECT_THROW(find_config(name, kShipped), EnvironmentError);
  }
  files.write("child.json", R"({"extends": "as_run/partA_q1.json"})");
  EXPECT_EQ(files.problems("child.json"), "");
}

TEST(ExtendsTest, AChangedTypeDropsTheKeysItDoesNotKnow) {
  ConfigFiles files;
  files.write("base.json", R"({
    "data": {"type": "cifar10"}, "optimizer": {"type": "sgd", "learning_rate": 0.5, "momentum": 0.9},
    "model": {"layers": [{"name": "R", "type": "gru", "units": 20, "reset_after": false, "return": "sequence"}]}})");
  files.write("child.json", R"({"extends": "base.json", "optimizer": {"type": "adam"},
    "model": {"layers": {"R": {"type": "rnn"}}}})");
  const ExperimentConfig config = files.load("child.json").config;
  EXPECT_EQ(config.optimizer.type, OptimizerType::kAdam);
  EXPECT_EQ(config.optimizer.learning_rate, 0.5);
  EXPECT_EQ(config.model.layers[0].returns, Return::kSequence);
  EXPECT_EQ(config.model.layers[0].activation, Activation::kTanh);
}

TEST(ExtendsTest, ANullTakesAwayOnlyWhatThereIs) {
  ConfigFiles files;
  files.write("base.json", R"({
    "data": {"type": "cifar10"}, "optimizer": {"type": "sgd", "momentum": 0.9},
    "training": {"early_stopping": {"monitor": "val_loss", "patience": 3}},
    "model": {"layers": [{"name": "F", "type": "dense", "units": 10}]}})");
  files.write("typos.json", R"({"extends": "base.json", "optimzer": null,
 "training": {"early_stoping": null},
 "model": {"layers": {"F": {"activaton": null}}}})");
  EXPECT_EQ(
      files.problems("typos.json"),
      "typos.json:1:26: /optimzer: unknown key (got \"optimzer\"); did you mean "
      "\"optimizer\"?\n"
      "typos.json:2:15: /training/early_stoping: unknown key (got \"early_stoping\"); did you "
      "mean \"early_stopping\"?\n"
      "typos.json:3:29: /model/layers/F/activaton: unknown key of dense (got \"activaton\"); "
      "did you mean \"activation\"?");
  files.write("child.json", R"({"extends": "base.json", "repeats": null, "tags": null,
    "optimizer": {"type": "adam", "momentum": null, "beta_1": null},
    "training": {"early_stopping": null, "epochs": null}, "sweep": null,
    "model": {"layers": {"F": {"activation": null}, "before:F": {
      "name": "P", "type": "max_pool2d", "size": 2, "stride": null}}}})");
  files.write("grandchild.json",
              R"({"extends": "child.json", "tags": ["t"], "optimizer": {"beta_1": 0.5},
    "training": {"early_stopping": {"monitor": "val_loss"}}})");
  EXPECT_EQ(files.problems("child.json"), "");
  const ExperimentConfig child = files.load("child.json").config;
  EXPECT_FALSE(child.training.early_stopping);
  EXPECT_EQ(child.model.layers[0].stride, child.model.layers[0].size);
  const ExperimentConfig config = files.load("grandchild.json").config;
  EXPECT_EQ(config.tags, std::vector<std::string>{"t"});
  EXPECT_EQ(config.optimizer.beta_1, 0.5);
  EXPECT_EQ(config.training.early_stopping->patience, 10);
}

TEST(ExtendsTest, NamesAreNotInherited) {
  ConfigFiles files;
  files.write("base.json",
              R"({"name": "mine", "data": {"type": "cifar10"}, "optimizer": {"type": "sgd"},
    "model": {"layers": [{"name": "F", "type": "dense", "units": 10}]}})");
  files.write("my child.json", R"({"extends": "base.json"})");
  files.write("as_run/x.json", R"({"extends": "../base.json"})");
  EXPECT_EQ(files.load("base.json").config.name, "mine");
  EXPECT_EQ(files.load("my child.json").config.name, "my_child");
  EXPECT_EQ(files.load("as_run/x.json").config.name, "as_run_x");
}

TEST(ExtendsTest, TellsEachProblemWhereItWasWritten) {
  ConfigFiles files;
  files.write("base.json", R"({
    "data": {"type": "cifar10"}, "optimizer": {"type": "sgd", "momentun": 0.9},
    "model": {"layers": [{"name": "F", "type": "dense", "units": 0}]}})");
  files.write("child.json", R"({"extends": "base.json", "seed": -1,
 "model": {"layers": {"F": {"activation": "rely"}}}})");
  EXPECT_EQ(files.problems("child.json"),
            "child.json:1:34: /seed: out of range (got -1, expected an integer from 0 to "
            "9223372036854775807)\n"
            "child.json:2:43: /model/layers/F/activation: unknown value (got \"rely\", expected "
            "\"none\", "
            "\"relu\", \"tanh\", \"sigmoid\", \"gelu\", \"silu\" or \"leaky_relu\"); did you mean "
            "\"relu\"?\n"
            "base.json:2:63: /optimizer/momentun: unknown key of sgd (got \"momentun\"); did you "
            "mean \"momentum\"?\n"
            "base.json:3:66: /model/layers/0/units: out of range (got 0, expected an integer from "
            "1 to 2147483647)");
}

}  // namespace
}  // namespace nnrun
