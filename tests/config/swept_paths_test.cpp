#include "config_files.h"

namespace nnrun {
namespace {

/// Two convolutions, one of them in a residual.
std::string swept(const std::string& parameters) {
  return R"({"sweep": {"parameters": )" + parameters +
         R"(}, "data": {"type": "cifar10"}, "optimizer": {"type": "sgd"}, "model": {"layers": [
  {"name": "C1", "type": "conv2d", "filters": 5, "kernel": 3},
  {"name": "R", "type": "residual", "layers": [{"name": "I1", "type": "conv2d", "filters": 5, "kernel": 1}]},
  {"name": "flat", "type": "flatten"}, {"name": "F", "type": "dense", "units": 10}]}})";
}

std::string problems(const std::string& parameters, const std::vector<std::string>& set = {}) {
  ConfigFiles files;
  files.write("a.json", swept(parameters));
  return files.problems("a.json", {set, {}, {}});
}

/// The one line for an option.
std::string refusal(const std::string& option, const std::string& path) {
  std::string text;
  for (const char byte : option) text += (byte == '"' ? "\\" : "") + std::string(1, byte);
  return "--set " + text + ": /model/layers: a swept path cannot be set (\"" + path +
         "\" is in the sweep)";
}

TEST(SweptPathsTest, CannotBeSetThroughAResidualAround) {
  const std::string sweep = R"({"model.layers.I1.activation": {"values": ["relu", "tanh"]}})";
  const std::string set =
      " a swept path cannot be set (\"model.layers.I1.activation\" is in the sweep)";
  for (const char* option :
       {R"(model.layers.R={"name": "R", "type": "flatten"})", "model.layers.R.layers=[]",
        "model.layers.1.layers.0.activation=relu", "model.layers.I1.activation=relu"})
    EXPECT_NE(problems(sweep, {option}).find(set), std::string::npos) << option;
}

TEST(SweptPathsTest, AResidualAroundIsTheSameAxisTwice) {
  const std::string values = R"({"values": [[{"name": "I1", "type": "flatten"}]]})";
  for (const char* around : {"model.layers.R.layers", "model.layers.1.layers"})
    EXPECT_EQ(problems(R"({"model.layers.I1.activation": {"values": ["relu", "tanh"]}, ")" +
                       std::string(around) + "\": " + values + "}"),
              "a.json:1:87: /sweep/parameters/" + std::string(around) +
                  ": swept twice (also as \"model.layers.I1.activation\")");
}

TEST(SweptPathsTest, ATypeThatDoesNotKnowASweptKeyIsAnErrorHoweverTheLayerIsNamed) {
  for (const std::string layer : {"C1", "0"}) {
    const std::string lines = problems(R"({"model.layers.)" + layer +
                                       R"(.activation": {"values": ["relu", "tanh"]},
  "model.layers.C1.type": {"values": ["conv2d", "flatten"]}})");
    EXPECT_EQ(lines,
              "a.json:1:27: /sweep/parameters/model.layers." + layer +
                  ".activation: unknown key of flatten (got \"activation\", expected \"name\" or "
                  "\"type\")");
  }
  EXPECT_NE(problems(R"({"model.layers.I1.activation": {"values": ["relu", "tanh"]},
  "model.layers.R.type": {"values": ["residual", "flatten"]}})")
                .find("unknown key of flatten"),
            std::string::npos);
}

TEST(SweptPathsTest, APatchOfOtherLayersMayBeSet) {
  const std::string sweep = R"({"model.layers.C1.activation": {"values": ["relu", "tanh"]}})";
  const char* const harmless[] = {
      R"(model.layers={"after:C1": {"name": "D", "type": "dropout", "rate": 0.5}})",
      R"(model.layers={"before:C1": {"name": "D", "type": "dropout", "rate": 0.5}})",
      R"(model.layers={"C1": {"kernel": 5}, "R": null})",
      R"(model.layers={"R": {"layers": {"I1": {"kernel": 5, "padding": "same"}}}})"};
  for (const char* option : harmless) EXPECT_EQ(problems(sweep, {option}), "") << option;
  const char* const harmful[] = {R"(model.layers={"C1": {"activation": "relu"}})",
                                 R"(model.layers={"C1": {"type": "flatten"}})",
                                 R"(model.layers={"C1": null})"};
  for (const char* option : harmful)
    EXPECT_EQ(problems(sweep, {option}), refusal(option, "model.layers.C1.activation"));
  const char* const inner = R"(model.layers={"R": {"layers": {"I1": {"activation": "relu"}}}})";
  EXPECT_EQ(problems(R"({"model.layers.I1.activation": {"values": ["relu", "tanh"]}})", {inner}),
            refusal(inner, "model.layers.I1.activation"));
}

TEST(SweptPathsTest, LeadThroughObjectsOnly) {
  ConfigFiles files;
  files.write("a.json", swept(R"({"training.batch_size": {"values": [8, 16]}})")
                            .replace(0, 1, "{\"training\": \"adam\", "));
  EXPECT_EQ(files.problems("a.json"),
            "a.json:1:14: /training: wrong type (got \"adam\", expected an object)");
}

TEST(SweptPathsTest, AMissingKeyHasItsOwnPointer) {
  EXPECT_EQ(problems(R"({"optimizer.schedule.factor": {"values": [0.5, 0.25]}})"),
            "a.json:1:27: /optimizer/schedule/type: missing key \"type\"");
  EXPECT_EQ(problems(R"({"optimizer.schedule": {"values": [{"factor": 0.5}]}})"),
            "a.json:1:61: /sweep/parameters/optimizer.schedule/values/0/type: missing key "
            "\"type\"");
}

TEST(SweptPathsTest, AreThoseOfTheFilesWhateverOptionsInsert) {
  ConfigFiles files;
  files.write("a.json", swept(R"({"model.layers.0.activation": {"values": ["relu", "tanh"]}})"));
  const Experiment experiment = files.load(
      "a.json",
      {{R"(model.layers={"before:C1": {"name": "D", "type": "dropout", "rate": 0.5}})"}, {}, {}});
  const auto layers = expand_trials(experiment)[1].experiment.config.model.layers;
  EXPECT_EQ(layers[0].name, "D");
  EXPECT_EQ(layers[1].activation, Activation::kTanh);
}

}  // namespace
}  // namespace nnrun
