#include "config_files.h"

namespace nnrun {
namespace {

ExperimentConfig set(const std::vector<std::string>& options) {
  ConfigFiles files;
  files.write("good.json", R"({
    "seed": 7, "data": {"type": "cifar10", "train_files": ["a.bin", "b.bin"]},
    "optimizer": {"type": "sgd", "learning_rate": 0.5, "momentum": 0.9},
    "model": {"layers": [
      {"name": "C1", "type": "conv2d", "filters": 50, "kernel": 9, "activation": "relu"},
      {"name": "R", "type": "residual", "layers": [{"name": "C2", "type": "conv2d", "filters": 5, "kernel": 1}]},
      {"name": "F", "type": "dense", "units": 10}]}})");
  return files.load("good.json", {options, {}, {}}).config;
}

TEST(SetTest, ValuesAreJsonOrElseStrings) {
  EXPECT_EQ(set({"training.epochs=1e1"}).training.epochs, 10);
  EXPECT_EQ(set({"description=two words"}).description, "two words");
  EXPECT_EQ(set({"description=\"007\""}).description, "007");
  EXPECT_EQ(set({"description=a=b"}).description, "a=b");
  EXPECT_EQ(set({"description="}).description, "");
  EXPECT_EQ(set({"model.layers.C1.kernel=[3,5]"}).model.layers[0].kernel,
            (std::array<int64_t, 2>{3, 5}));
}

TEST(SetTest, PathsNameLayersWhereverTheyStand) {
  EXPECT_EQ(set({"model.layers.C1.filters=90"}).model.layers[0].filters, 90);
  EXPECT_EQ(set({"model.layers.0.filters=90"}).model.layers[0].filters, 90);
  EXPECT_EQ(set({"model.layers.C2.filters=6"}).model.layers[1].layers[0].filters, 6);
  EXPECT_EQ(set({"model.layers.R.layers.C2.filters=6"}).model.layers[1].layers[0].filters, 6);
  EXPECT_EQ(set({"data.train_files.1=c.bin"}).data.train_files,
            (std::vector<std::string>{"a.bin", "c.bin"}));
}

TEST(SetTest, AnObjectPatchesLayersByName) {
  const auto layers =
      set({R"(model.layers={"C1": {"filters": 7}, "R": null, "after:C1": {"name": "P", "type": "flatten"}})"})
          .model.layers;
  ASSERT_EQ(layers.size(), 3U);
  EXPECT_EQ(layers[0].filters, 7);
  EXPECT_EQ(layers[0].activation, Activation::kRelu);
  EXPECT_EQ(layers[1].name, "P");
}

TEST(SetTest, NullRestoresTheDefault) {
  EXPECT_EQ(set({"seed=null"}).seed, 0);
  EXPECT_EQ(set({"optimizer.learning_rate=null"}).optimizer.learning_rate, 0.01);
  EXPECT_EQ(set({"model.layers.C1.activation=null"}).model.layers[0].activation, Activation::kNone);
  EXPECT_EQ(set({"model.layers.R=null"}).model.layers.size(), 2U);
  EXPECT_EQ(set({"training=null"}).training.epochs, 1);
  const std::string pool =
      R"(model.layers.C1={"name": "C1", "type": "max_pool2d", "size": 2, "stride": 1})";
  EXPECT_EQ(set({pool}).model.layers[0].stride, (std::array<int64_t, 2>{1, 1}));
  EXPECT_EQ(set({pool, "model.layers.C1.stride=null"}).model.layers[0].stride,
            (std::array<int64_t, 2>{2, 2}));
}

TEST(SetTest, ANewTypeDropsKeysThatItDoesNotKnow) {
  const OptimizerConfig adam = set({"optimizer.type=adam"}).optimizer;
  EXPECT_EQ(adam.type, OptimizerType::kAdam);
  EXPECT_EQ(adam.learning_rate, 0.5);
  EXPECT_EQ(set({"model.layers.C1.type=activation"}).model.layers[0].activation, Activation::kRelu);
}

TEST(SetTest, ObjectsComeIntoBeingOnTheWay) {
  const auto schedule =
      set({"optimizer.schedule.type=cosine", "optimizer.schedule.final=0.1"}).optimizer.schedule;
  ASSERT_TRUE(schedule);
  EXPECT_EQ(schedule->final_factor, 0.1);
}

TEST(SetTest, TheLastOptionWinsAndDedicatedOnesComeLast) {
  EXPECT_EQ(set({"seed=1", "seed=2"}).seed, 2);
  ConfigFiles files;
  files.write("good.json", kSmall);
  EXPECT_EQ(files.load("good.json", {{"seed=1", "repeats=4"}, 5, 2}).config.seed, 5);
  EXPECT_EQ(files.load("good.json", {{"seed=1", "repeats=4"}, 5, 2}).config.repeats, 2);
}

TEST(SetTest, ReferencesAreRelativeToWhoeverNamesThem) {
  ConfigFiles files;
  files.write("sub/base.json", R"({"data": {"type": "cifar10"}, "optimizer": {"type": "sgd"},
    "model": {"init_from": "../w.nnr", "layers": [{"name": "F", "type": "dense", "units": 10}]}})");
  files.write("child.json", R"({"extends": "sub/base.json"})");
  EXPECT_EQ(files.load("child.json").config.model.init_from, (files.folder() / "w.nnr").string());
  EXPECT_EQ(files.load("child.json", {{"model.init_from=x.nnr"}, {}, {}}).config.model.init_from,
            (std::filesystem::current_path() / "x.nnr").string());
}

}  // namespace
}  // namespace nnrun
