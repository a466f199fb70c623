#include <fstream>

#include "config_files.h"
#include "repository.h"

namespace nnrun {
namespace {

/// A case of bad_inputs.txt.
struct BadInput {
  std::string document;  ///< a whole file on one line
  std::string line;      ///< the expected error
};

std::string replaced(std::string text, const std::string& word, const std::string& meaning) {
  const size_t at = text.find(word);
  return at == std::string::npos ? text : text.replace(at, word.size(), meaning);
}

/// The fragment with the sections it lacks.
std::string document(const std::string& fragment) {
  const std::string layers =
      R"({"name": "flat", "type": "flatten"}, {"name": "F", "type": "dense", "units": 15})";
  const std::pair<std::string, std::string> sections[] = {
      {"data", R"({"type": "cifar10"})"},
      {"model", R"({"layers": [)" + layers + "]}"},
      {"optimizer", R"({"type": "sgd"})"}};
  std::string text = "{" + replaced(fragment, "$F", layers);
  for (const auto& [key, value] : sections) {
    const std::string written = "\"" + key + "\": ";
    if (fragment.find(written) == std::string::npos) text += ", " + written + value;
  }
  return text + "}";
}

std::vector<BadInput> bad_inputs() {
  std::ifstream file(repository() / "tests/config/bad_inputs.txt");
  std::vector<BadInput> cases;
  size_t column = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#") || line.empty()) continue;
    if (line.starts_with("  ")) {
      cases.back().line = "bad.json:1:" + std::to_string(column) + ": " + line.substr(2);
    } else {
      std::string text = document(line.starts_with("! ") ? line.substr(2) : line);
      column = text.find('@') + 1;
      cases.push_back({text.erase(column - 1, 1), ""});
    }
  }
  return cases;
}

TEST(BadInputsTest, EveryProblemIsOneLineAtItsPlace) {
  const std::vector<BadInput> cases = bad_inputs();
  EXPECT_GE(cases.size(), 190U);
  for (const BadInput& bad : cases) {
    const ConfigFiles files;
    files.write("bad.json", bad.document);
    EXPECT_EQ(files.problems("bad.json"), bad.line) << bad.document;
  }
}

struct BadOption {
  std::vector<std::string> set;
  const char* lines;
};

const BadOption kBadOptions[] = {
    {{"seed"}, "--set seed: malformed option (expected PATH=VALUE)"},
    {{"=5"}, "--set =5: malformed path (expected keys joined by points)"},
    {{"a..b=5"}, "--set a..b=5: malformed path (expected keys joined by points)"},
    {{"extends=x.json"}, "--set extends=x.json: \"extends\" cannot be set (expected in the file)"},
    {{"seed=-1"},
     "--set seed=-1: /seed: out of range (got -1, expected an integer from 0 to "
     "9223372036854775807)"},
    {{"seed=abc"},
     "--set seed=abc: /seed: wrong type (got \"abc\", expected an integer from 0 to "
     "9223372036854775807)"},
    {{"optimizer.lerning_rate=1"},
     "--set optimizer.lerning_rate=1: /optimizer/lerning_rate: unknown key of sgd (got "
     "\"lerning_rate\"); did "
     "you mean \"optimizer.learning_rate\"?"},
    {{"optimiser.type=adam"},
     "--set optimiser.type=adam: /optimiser: unknown key (got \"optimiser\"); did you mean "
     "\"optimizer.type\"?"},
    {{"optimizer={\"typ\": \"sgd\"}"},
     "--set optimizer={\\\"typ\\\": \\\"sgd\\\"}: /optimizer/typ: unknown key (got \"typ\"); did "
     "you mean "
     "\"optimizer.type\"?"},
    {{"optimizer.type=adum"},
     "--set optimizer.type=adum: /optimizer/type: unknown value (got \"adum\", expected \"sgd\", "
     "\"rmsprop\", "
     "\"adam\", \"adamw\" or \"adagrad\"); did you mean \"adam\"?"},
    {{"optimizer=null"},
     "--set optimizer=null: /optimizer/type: missing key \"type\" (it has no default)"},
    {{"data=null"}, "--set data=null: /data/type: missing key \"type\" (it has no default)"},
    {{"model.layers={\"G\":{}}"},
     "--set model.layers={\\\"G\\\":{}}: /model/layers/G: no such layer (got \"G\", expected "
     "\"flat\" or \"F\"); did you mean \"model.layers.F\"?"},
    {{"data.type=null"},
     "--set data.type=null: /data/type: missing key \"type\" (it has no default)"},
    {{"model.layers.G.units=50"},
     "--set model.layers.G.units=50: /model/layers/G: no such layer (got \"G\", expected \"flat\" "
     "or \"F\"); "
     "did you mean "
     "\"model.layers.F.units\"?"},
    {{"model.layers.D.rate=0.25"},  // no layer has a rate
     "--set model.layers.D.rate=0.25: /model/layers/D: no such layer (got \"D\", expected \"flat\" "
     "or \"F\")"},
    {{"feature_maps.layers.0=F"},
     "--set feature_maps.layers.0=F: /feature_maps/layers: wrong type (got an object, expected an "
     "array)"},
    {{"feature_maps=F"},
     "--set feature_maps=F: /feature_maps: wrong type (got \"F\", expected an object)"},
    {{"model.layers.F.units=0"},
     "--set model.layers.F.units=0: /model/layers/1/units: out of range (got 0, expected an "
     "integer from 1 to "
     "2147483647)"},
    {{"model.layers.2.units=50"},
     "--set model.layers.2.units=50: /model/layers/2: no such layer (got \"2\", expected \"flat\" "
     "or \"F\"); "
     "did you mean "
     "\"model.layers.F.units\"?"},
    {{"model.layers.after:F.units=5"},
     "--set model.layers.after:F.units=5: /model/layers/after:F: no such layer (got \"after:F\", "
     "expected model.layers={\"after:F\": …} to insert one)"},
    {{"data.train_files.7=x"},
     "--set data.train_files.7=x: /data/train_files: wrong type (got an object, expected an "
     "array)"},
    {{"seed.x=1"},
     "--set seed.x=1: /seed: wrong type (got an object, expected an integer from 0 to "
     "9223372036854775807)"},
    {{"optimizer.momentum=0.5", "optimizer.type=adam"},
     "--set optimizer.momentum=0.5: /optimizer/momentum: unknown key of adam (got \"momentum\", "
     "expected "
     "\"type\", \"learning_rate\", \"beta_1\", \"beta_2\", \"epsilon\", \"schedule\", "
     "\"clip_value\", "
     "\"clip_norm\" or \"global_clip_norm\")"},
    {{"model.layers.flat.name=F"},
     "--set model.layers.flat.name=F: /model/layers/0/name: duplicate layer name \"F\" (also at "
     "/model/layers/1/name)"},
    {{"model.layers.F.name=flat"},
     "--set model.layers.F.name=flat: /model/layers/1/name: duplicate layer name \"flat\" (first "
     "at /model/layers/0/name)"},
    {{"tags=[\"a\", \"b\"", "seed=x"},
     "--set tags=[\\\"a\\\", \\\"b\\\": /tags: wrong type (got \"[\\\"a\\\", \\\"b\\\"\", expected "
     "an array)\n"
     "--set seed=x: /seed: wrong type (got \"x\", expected an integer from 0 to "
     "9223372036854775807)"},
};

TEST(BadInputsTest, OptionsAreToldAsTyped) {
  for (const BadOption& bad : kBadOptions) {
    const ConfigFiles files;
    files.write("good.json", kSmall);
    EXPECT_EQ(files.problems("good.json", {bad.set, {}, {}}), bad.lines);
  }
}

TEST(BadInputsTest, ASweptPathCannotBeSet) {
  const ConfigFiles files;
  files.write(
      "sweep.json",
      document(R"("sweep": {"parameters": {"model.layers.F.units": {"values": [10, 20]}}})"));
  const std::string message =
      "a swept path cannot be set (\"model.layers.F.units\" is in the sweep)";
  EXPECT_EQ(files.problems("sweep.json", {{"model.layers.F.units=50"}, {}, {}}),
            "--set model.layers.F.units=50: /model/layers/1/units: " + message);
  EXPECT_EQ(files.problems("sweep.json", {{"model.layers.1.units=50"}, {}, {}}),
            "--set model.layers.1.units=50: /model/layers/1/units: " + message);
}

TEST(BadInputsTest, AllProblemsOfAllPlacesComeInOneGo) {
  const ConfigFiles files;
  files.write("bad.json",
              "{\"seed\": -1, \"seed\": 2,\n \"data\": {\"type\": \"cifar10\", \"path\": 5},\n"
              " \"model\": {\"layers\": [{\"name\": \"F\", \"type\": \"dens\", \"units\": 10, "
              "\"bias\": 1}]},\n"
              " \"optimiser\": {\"type\": \"sgd\"}}");
  EXPECT_EQ(
      files.problems("bad.json", {{"training.epochs=0"}, {}, {}}),
      "bad.json:1:10: /seed: out of range (got -1, expected an integer from 0 to "
      "9223372036854775807)\n"
      "bad.json:1:14: /seed: duplicate key (first on line 1)\n"
      "bad.json:2:38: /data/path: wrong type (got 5, expected a string)\n"
      "bad.json:3:45: /model/layers/0/type: unknown value (got \"dens\", expected \"conv2d\", "
      "\"conv1d\", "
      "\"max_pool2d\", \"avg_pool2d\", \"max_pool1d\", \"global_avg_pool\", \"global_max_pool\", "
      "\"dense\", "
      "\"flatten\", \"reshape\", \"dropout\", \"embedding\", \"embedding_bag\", \"one_hot\", "
      "\"rnn\", \"gru\", "
      "\"lstm\", \"batch_norm\", \"layer_norm\", \"activation\" or \"residual\"); did you mean "
      "\"dense\"?\n"
      "bad.json:3:66: /model/layers/0/bias: unknown key (got \"bias\")\n"
      "bad.json:4:2: /optimiser: unknown key (got \"optimiser\"); did you mean \"optimizer\"?\n"
      "--set training.epochs=0: /training/epochs: out of range (got 0, expected an integer from 1 "
      "to 2147483647)");
}

struct BadFile {
  std::string content;
  const char* message;
};

TEST(BadInputsTest, FaultsOfAFileAsAWhole) {
  const std::string padding(size_t{1} << 20, ' ');
  const BadFile files_at_fault[] = {
      {"", "bad.json: empty file (expected a JSON object)"},
      {" \n\t\n", "bad.json: empty file (expected a JSON object)"},
      {"\xEF\xBB\xBF\n", "bad.json: empty file (expected a JSON object)"},
      {"\x1F\x8B\x08", "bad.json: gzip file (expected JSON text)"},
      {"\x80\x04\x95", "bad.json: Python pickle (expected JSON text)"},
      {"\xFF\xFE{", "bad.json: UTF-16 text (expected UTF-8)"},
      {"{}" + padding, "bad.json: config too large (expected at most 1 MiB)"},
      {"[]", "bad.json:1:1: wrong type (got an array, expected an object)"},
      {"5", "bad.json:1:1: wrong type (got 5, expected an object)"},
      {"{\"seed\": 1,}", "bad.json:1:12: trailing comma before \"}\" (expected another entry)"},
  };
  for (const BadFile& bad : files_at_fault) {
    const ConfigFiles files;
    files.write("bad.json", bad.content);
    EXPECT_EQ(files.problems("bad.json"), bad.message);
  }
}

TEST(BadInputsTest, AHugeFileIsNotRead) {
  const ConfigFiles files;
  files.write("bad.json", "{}");
  std::filesystem::resize_file(files.folder() / "bad.json", uintmax_t{1} << 40);
  EXPECT_EQ(files.problems("bad.json"), "bad.json: config too large (expected at most 1 MiB)");
}

TEST(BadInputsTest, TheResolvedFormOfALongConfigIsNotTooLarge) {
  std::string images = "0";
  for (int i = 0; i < 200000; ++i) images += ",1";
  const ConfigFiles files;
  files.write("long.json", R"({"feature_maps": {"layers": ["flat"], "images": [)" + images + "]}," +
                               std::string(kSmall).substr(1));
  const std::string resolved = resolved_json(files.load("long.json").config);
  files.write("again/long.json", resolved);
  EXPECT_EQ(files.problems("again/long.json"), "");
  EXPECT_EQ(resolved_json(files.load("again/long.json").config), resolved);
}

TEST(BadInputsTest, ModelErrorsAreToldBesideOthers) {
  const ConfigFiles files;
  files.write("bad.json", R"({"seed": -1, "data": {"type": "cifar10"}, "optimizer": {"type": "sgd"},
 "model": {"layers": [{"name": "F", "type": "dense", "units": 10}]}})");
  EXPECT_EQ(files.problems("bad.json"),
            "bad.json:1:10: /seed: out of range (got -1, expected an integer from 0 to "
            "9223372036854775807)\n"
            "bad.json:2:23: /model/layers/0: dense takes vectors only: put a flatten before it "
            "(got 3x32x32)");
}

TEST(BadInputsTest, ATypoOfASectionIsOneLine) {
  const ConfigFiles files;
  const std::string layers = R"({"layers": [{"name": "E", "type": "embedding_bag", "units": 4}]})";
  const std::string data = R"({"type": "text_csv", "classes": 4, "ngrams": 2})";
  const std::string rest = R"(, "optimizer": {"type": "sgd"}, "feature_maps": {"layers": ["E"]}})";
  files.write("data.json", R"({"dta": )" + data + R"(, "model": )" + layers + rest);
  EXPECT_EQ(files.problems("data.json"),
            "data.json:1:2: /dta: unknown key (got \"dta\"); did you mean \"data\"?");
  files.write("model.json", R"({"data": )" + data + R"(, "modl": )" + layers + rest);
  EXPECT_EQ(files.problems("model.json"),
            "model.json:1:59: /modl: unknown key (got \"modl\"); did you mean \"model\"?");
  files.write("none.json", R"({"data": )" + data + rest);
  EXPECT_EQ(files.problems("none.json"),
            "none.json:1:1: /model/layers: missing key \"model.layers\"");
}

TEST(BadInputsTest, AMissingConfigIsNoFaultOfTheConfig) {
  const ConfigFiles files;
  files.write("good.json", kSmall);
  EXPECT_THROW(files.load("god.json"), EnvironmentError);
  EXPECT_THROW(files.load("."), EnvironmentError);
}

TEST(BadInputsTest, MissingSectionsAreToldAtTheRoot) {
  const ConfigFiles files;
  files.write("bad.json", " {}");
  EXPECT_EQ(files.problems("bad.json"),
            "bad.json:1:2: /data/type: missing key \"data.type\"\n"
            "bad.json:1:2: /model/layers: missing key \"model.layers\"\n"
            "bad.json:1:2: /optimizer/type: missing key \"optimizer.type\"");
}

}  // namespace
}  // namespace nnrun
