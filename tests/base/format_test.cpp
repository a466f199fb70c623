#include "nnrun/format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>

namespace nnrun {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(FormatTest, ShortestReadsBackExactly) {
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(shortest(-2), "-2");
  EXPECT_EQ(shortest(1e300), "1e+300");
  EXPECT_EQ(shortest(kInfinity), "inf");
  EXPECT_EQ(shortest(-kInfinity), "-inf");
  EXPECT_EQ(shortest(-std::nan("")), "nan");
  for (const double value : {1.0 / 3, 5e-324, -0.0, 1.7976931348623157e308, 12345678.9}) {
    EXPECT_EQ(parse_double(shortest(value)), value);
  }
}

TEST(FormatTest, ParseDoubleTakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_double("1e3"), 1000);
  EXPECT_EQ(parse_double("-inf"), -kInfinity);
  EXPECT_TRUE(std::isnan(*parse_double("nan")));
  for (const char* text :
       {"", " 1", "1 ", "1,5", "+1", "0x10", "infinity", "NAN", "nan(1)", "1e999"}) {
    EXPECT_EQ(parse_double(text), std::nullopt) << text;
  }
}

TEST(FormatTest, ParseIntTakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_int("-42"), -42);
  EXPECT_EQ(parse_int("9223372036854775807"), std::numeric_limits<int64_t>::max());
  for (const char* text : {"", "+1", "1.0", "0x10", " 1", "9223372036854775808", "-"}) {
    EXPECT_EQ(parse_int(text), std::nullopt) << text;
  }
}

TEST(FormatTest, GroupsThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(-123456), "-123,456");
}

TEST(FormatTest, CountedTakesTheNounsNumber) {
  EXPECT_EQ(counted(0, "thread"), "0 threads");
  EXPECT_EQ(counted(1, "thread"), "1 thread");
  EXPECT_EQ(counted(1000, "epoch"), "1,000 epochs");
}

TEST(FormatTest, DurationsReadWell) {
  EXPECT_EQ(duration(0.0123), "12.3 ms");
  EXPECT_EQ(duration(12.34), "12.3 s");
  EXPECT_EQ(duration(59.96), "1 min 0 s");
  EXPECT_EQ(duration(75), "1 min 15 s");
  EXPECT_EQ(duration(4000), "1 h 7 min");
  EXPECT_EQ(duration(3599.6), "1 h 0 min");
  EXPECT_EQ(duration(std::nan("")), "unknown");
}

TEST(FormatTest, TimeIsIso8601) {
  const std::regex form(R"(20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d\.\d{3}Z)");
  EXPECT_TRUE(std::regex_match(utc_now(), form)) << utc_now();
}

}  // namespace
}  // namespace nnrun
