#include "nnrun/error.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace nnrun {
namespace {

Problem sample() {
  Problem problem;
  problem.file = "a.json";
  problem.line = 3;
  problem.column = 14;
  problem.pointer = "/training/epoch";
  problem.message = "is no key of this object";
  problem.suggestion = "training.epochs";
  return problem;
}

TEST(ErrorTest, TextHasPlaceMessageAndSuggestion) {
  EXPECT_EQ(to_text(sample()),
            "a.json:3:14: /training/epoch: is no key of this object; did you mean "
            "\"training.epochs\"?");
}

TEST(ErrorTest, TextLeavesOutWhatDoesNotApply) {
  Problem record;
  record.file = "data_batch_1.bin";
  record.record = 2;
  record.byte = 6146;
  record.message = "label out of range (got 11, expected 0 to 9)";
  EXPECT_EQ(to_text(record),
            "data_batch_1.bin: record 2 (byte 6146): label out of range (got 11, expected 0 to 9)");
  Problem option;
  option.option = "--set seed=\n";
  option.message = "bad";
  EXPECT_EQ(to_text(option), "--set seed=\\n: bad");
}

TEST(ErrorTest, JsonHasEveryKeyInOneLine) {
  EXPECT_EQ(to_json(sample()),
            R"({"file":"a.json","option":null,"line":3,"column":14,"pointer":"/training/epoch",)"
            R"("record":null,"byte":null,"message":"is no key of this object",)"
            R"("suggestion":"training.epochs"})");
  Problem first;
  first.file = "x\xff\n";
  first.record = 0;
  first.byte = 0;
  const auto json = nlohmann::json::parse(to_json(first));
  EXPECT_EQ(json["record"], 0);
  EXPECT_EQ(json["byte"], 0);
  EXPECT_EQ(json["file"], "x\uFFFD\n");
  EXPECT_EQ(json["message"], "");
}

TEST(ErrorTest, CarriesCodeAndProblems) {
  const ConfigError error({sample(), sample()});
  EXPECT_EQ(error.code(), ExitCode::kWrongInput);
  EXPECT_EQ(error.problems().size(), 2U);
  EXPECT_EQ(error.what(), to_text(sample()) + "\n" + to_text(sample()));
  EXPECT_EQ(StoreError("x").code(), ExitCode::kDamaged);
  EXPECT_STREQ(InUseError("taken").what(), "taken");
}

TEST(ErrorTest, EscapesWhatATerminalMustNotSee) {
  EXPECT_EQ(escaped("abc é 漢 😀"), "abc é 漢 😀");
  EXPECT_EQ(escaped("\"\\\n\r\t\x1b[0m\x7f"), "\\\"\\\\\\n\\r\\t\\x1b[0m\\x7f");
  EXPECT_EQ(escaped("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(escaped("\xc2\x9b"), "\\xc2\\x9b");  // U+009B starts control sequences too
  EXPECT_EQ(escaped(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(escaped("\ufeff"), "\\xef\\xbb\\xbf");  // a byte order mark cannot be seen
  EXPECT_EQ(escaped("a\u202eb\u2066"), "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa6");  // turn the text around
  EXPECT_EQ(escaped("\u200c\u200d\u2010…"), "\u200c\u200d\u2010…");  // join letters; dash; dots
}

TEST(ErrorTest, RefusesIllFormedUtf8) {
  // Unicode 15, table 3-7: overlong, surrogate, above U+10FFFF, lone continuation, cut short.
  for (const char* bytes : {"\xc0\xaf", "\xe0\x9f\x80", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\x80", "\xe2\x82"}) {
    EXPECT_EQ(escaped(bytes).substr(0, 2), "\\x");
  }
}

TEST(ErrorTest, NearestTakesAThirdOfTheLengthInEdits) {
  const std::vector<std::string> keys{"relu", "tanh", "momentum", "learning_rate"};
  EXPECT_EQ(nearest("rleu", keys), "relu");  // a swap of neighbours is one edit
  EXPECT_EQ(nearest("momentm", keys), "momentum");
  EXPECT_EQ(nearest("learning-rat", keys), "learning_rate");
  EXPECT_EQ(nearest("lerning", keys), "");            // six edits, two allowed
  EXPECT_EQ(nearest("x", {"y"}), "y");                // at least one edit is allowed
  EXPECT_EQ(nearest("rel", {"rex", "relu"}), "rex");  // the first of equals
  EXPECT_EQ(nearest("a", {}), "");
}

}  // namespace
}  // namespace nnrun
