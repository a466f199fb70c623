#include "base/json.h"

#include <gtest/gtest.h>

namespace nnrun {
namespace {

struct Parsed {
  std::optional<JsonValue> root;
  std::vector<JsonFault> faults;
};

Parsed parse(std::string_view text) {
  Parsed result;
  result.root = parse_json(text, {}, result.faults);
  return result;
}

/// "LINE:COL: message" of the one fault.
std::string fault_of(std::string_view text) {
  const Parsed parsed = parse(text);
  if (parsed.faults.size() != 1) return std::to_string(parsed.faults.size()) + " faults";
  const JsonFault& fault = parsed.faults[0];
  return std::to_string(fault.at.line) + ":" + std::to_string(fault.at.column) + ": " +
         fault.message;
}

TEST(JsonTest, ReadsEveryKindOfValue) {
  const Parsed parsed = parse(R"({"a": [null, true, -1.5e3, "x\u00e9\ud83d\ude00\n"], "b": {}})");
  ASSERT_TRUE(parsed.root && parsed.faults.empty());
  EXPECT_EQ(json_text(*parsed.root),
            "{\"a\":[null,true,-1.5e3,\"x\u00e9\U0001F600\\n\"],\"b\":{}}");
}

TEST(JsonTest, CountsColumnsInBytesFromOneBehindTheByteOrderMark) {
  const Parsed parsed = parse("\xEF\xBB\xBF{\"\u00e9\": 1,\n \"b\": 2}");
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(parsed.root->at, (JsonPlace{0, 1, 1}));
  EXPECT_EQ(parsed.root->members[0].value.at, (JsonPlace{0, 1, 8}));
  EXPECT_EQ(parsed.root->members[1].key_at, (JsonPlace{0, 2, 2}));
}

TEST(JsonTest, TellsTheFirstByteOfTheBadToken) {
  EXPECT_EQ(fault_of("[1, 2,]"), "1:7: trailing comma before \"]\" (expected another entry)");
  EXPECT_EQ(fault_of("{\"a\": 1,\n}"), "2:1: trailing comma before \"}\" (expected another entry)");
  EXPECT_EQ(fault_of("[1 2]"), "1:4: missing comma before token \"2\" (expected \",\" or \"]\")");
  EXPECT_EQ(fault_of("{\"a\" 1}"), "1:6: unexpected token \"1\" (expected \":\")");
  EXPECT_EQ(fault_of("{a: 1}"), "1:2: unexpected token \"a\" (expected a key in double quotes)");
  EXPECT_EQ(fault_of("{'a': 1}"),
            "1:2: unexpected character \"'\" (expected a key in double quotes)");
  EXPECT_EQ(fault_of("[1] x"), "1:5: unexpected token \"x\" after the end of the document");
  EXPECT_EQ(fault_of("[tru]"), "1:2: unexpected token \"tru\" (expected a value)");
  EXPECT_EQ(fault_of("[NaN]"), "1:2: unexpected token \"NaN\" (expected a finite number)");
  EXPECT_EQ(fault_of("[1, // one\n2]"), "1:5: unexpected comment (expected a value)");
  EXPECT_EQ(fault_of("[\xFF]"),
            "1:2: unexpected byte \"\\xff\" that is no UTF-8 (expected a value)");
  EXPECT_EQ(fault_of("[1,\n"), "2:1: unexpected end of file (expected a value)");
  EXPECT_EQ(fault_of("{\"a\": 1"), "1:8: unexpected end of file (expected \",\" or \"}\")");
}

TEST(JsonTest, RefusesNumbersThatAreNoJson) {
  EXPECT_EQ(fault_of("[01]"), "1:2: malformed number (got 01, expected no leading zero)");
  EXPECT_EQ(fault_of("[-]"),
            "1:2: malformed number (got -, expected a digit before anything else)");
  EXPECT_EQ(fault_of("[1.]"), "1:2: malformed number (got 1., expected a digit after the point)");
  EXPECT_EQ(fault_of("[1e]"), "1:2: malformed number (got 1e, expected a digit in the exponent)");
  EXPECT_EQ(fault_of("[0x10]"), "1:2: malformed number (got 0x10, expected a decimal number)");
  EXPECT_EQ(fault_of("[.5]"), "1:2: unexpected token \".5\" (expected a value)");
  EXPECT_EQ(fault_of("[+1]"), "1:2: unexpected token \"+1\" (expected a value)");
}

TEST(JsonTest, TellsFaultsOfAStringAtItsQuote) {
  EXPECT_EQ(fault_of("[\"ab"),
            "1:2: unclosed string (expected \"\\\"\" before the end of the line)");
  EXPECT_EQ(fault_of("[\"a\nb\"]"),
            "1:2: unclosed string (expected \"\\\"\" before the end of the line)");
  EXPECT_EQ(fault_of("[\"a\tb\"]"),
            "1:2: control character in a string (got \"\\t\", expected an escape)");
  EXPECT_EQ(fault_of("[\"\\x\"]"), "1:2: unknown escape in a string (got \"\\\\x\")");
  EXPECT_EQ(fault_of("[\"\\u12g4\"]"),
            "1:2: malformed escape in a string (got \"\\\\u12g4\", expected four hex digits)");
  EXPECT_EQ(fault_of("[\"\\ud800\"]"),
            "1:2: lone surrogate in a string (got \"\\\\ud800\", expected a pair)");
  EXPECT_EQ(fault_of("[\"\\udc00\\ud800\"]"),
            "1:2: lone surrogate in a string (got \"\\\\udc00\", expected a pair)");
  EXPECT_EQ(fault_of("[\"a\xC0\xAF\"]"), "1:2: invalid UTF-8 in a string (got byte \"\\xc0\")");
}

TEST(JsonTest, TellsDuplicateKeysAndGoesOn) {
  const Parsed parsed = parse("{\"a\": {\"b\": 1,\n\"b\": 2}, \"a\": 3}");
  ASSERT_TRUE(parsed.root);
  ASSERT_EQ(parsed.faults.size(), 2U);
  EXPECT_EQ(parsed.faults[0].pointer, "/a/b");
  EXPECT_EQ(parsed.faults[0].message, "duplicate key (first on line 1)");
  EXPECT_EQ(parsed.faults[0].at, (JsonPlace{0, 2, 1}));
  EXPECT_EQ(parsed.faults[1].pointer, "/a");
  EXPECT_EQ(json_text(*parsed.root), R"({"a":{"b":1}})");
}

TEST(JsonTest, StopsAtThirtyTwoLevels) {
  const auto nested = [](size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  EXPECT_TRUE(parse(nested(32)).root);
  EXPECT_EQ(fault_of(nested(33)), "1:33: nested too deeply (expected at most 32 levels)");
}

TEST(JsonTest, FindsPointersOfPlaces) {
  const Parsed parsed = parse(R"({"a/b": [1, {"c~": 2}], "d": 3})");
  ASSERT_TRUE(parsed.root);
  const JsonValue& root = *parsed.root;
  const JsonMember& inner = root.members[0].value.items[1].members[0];
  EXPECT_EQ(pointer_at(root, root.at), "");
  EXPECT_EQ(pointer_at(root, inner.key_at), "/a~1b/1/c~0");
  EXPECT_EQ(pointer_at(root, inner.value.at), "/a~1b/1/c~0");
  EXPECT_EQ(pointer_at(root, root.members[1].value.at), "/d");
  EXPECT_EQ(find_value(root, "/a~1b/1/c~0"), &inner.value);
  EXPECT_EQ(find_value(root, "/a~1b/2"), nullptr);
  EXPECT_EQ(split_pointer("/a~1b/1/c~0"), (std::vector<std::string>{"a/b", "1", "c~"}));
}

TEST(JsonTest, TakesExactIntegersInAnySpelling) {
  EXPECT_EQ(exact_integer("1.0"), 1);
  EXPECT_EQ(exact_integer("1e3"), 1000);
  EXPECT_EQ(exact_integer("-1200.00e-2"), -12);
  EXPECT_EQ(exact_integer("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(exact_integer("9.223372036854775807e18"), INT64_MAX);
  EXPECT_EQ(exact_integer("0e99999999999999999999"), 0);
  EXPECT_EQ(exact_integer("-0.0"), 0);
  EXPECT_FALSE(exact_integer("9223372036854775808"));
  EXPECT_FALSE(exact_integer("1.5"));
  EXPECT_FALSE(exact_integer("1e-1"));
  EXPECT_FALSE(exact_integer("1e99999999999999999999"));
}

TEST(JsonTest, ReadsNumbersOutsideTheRangeOfDoubles) {
  EXPECT_EQ(to_double("-1e999"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(to_double("1e-999"), 0.0);
  EXPECT_EQ(to_double("0.1"), 0.1);
}

TEST(JsonTest, GivesEqualContentOneCanonicalText) {
  const auto canonical = [](std::string_view text) { return canonical_json(*parse(text).root); };
  EXPECT_EQ(canonical(R"({"a": 1, "b": [10]})"), canonical(R"({"b": [1e1], "a": 1.0})"));
  EXPECT_NE(canonical("1"), canonical("\"1\""));
  EXPECT_NE(canonical("1"), canonical("-1"));
  EXPECT_EQ(canonical("0"), canonical("-0.0"));
}

}  // namespace
}  // namespace nnrun
