#include "store/metrics_csv.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "nnrun/error.h"

namespace nnrun {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const std::string kHeader = "epoch,accuracy,loss,val_accuracy,val_loss\n";

TEST(MetricsCsvTest, WritesShortestDecimalsAndLineFeeds) {
  const std::vector<EpochRecord> rows{{0, 0.1, 1.0 / 3, 1, 2.5e-7},
                                      {1, 0, std::nan(""), 0.5, kInfinity}};
  EXPECT_EQ(metrics_csv(rows), kHeader + "0,0.1,0.3333333333333333,1,2.5e-07\n1,0,nan,0.5,inf\n");
  EXPECT_EQ(metrics_csv({}), kHeader);
}

TEST(MetricsCsvTest, TimingHasItsOwnColumns) {
  EXPECT_EQ(timing_csv({{0, 1.5, 0.25, 0}}),
            "epoch,train_seconds,val_seconds,checkpoint_seconds\n0,1.5,0.25,0\n");
  const std::vector<EpochTiming> rows = parse_timing_csv(timing_csv({{0, 1.5, 0.25, 3}}), "t");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].checkpoint_seconds, 3);
}

TEST(MetricsCsvTest, ReadsBackExactly) {
  const std::vector<EpochRecord> rows{{0, 0.1, 1e300, 5e-324, -0.0},
                                      {1, 2, -kInfinity, 3, kInfinity}};
  const std::vector<EpochRecord> read = parse_metrics_csv(metrics_csv(rows), "metrics.csv");
  EXPECT_EQ(metrics_csv(read), metrics_csv(rows));
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].val_accuracy, 5e-324);
}

std::string error_of(const std::string& text) {
  try {
    parse_metrics_csv(text, "metrics.csv");
  } catch (const StoreError& error) {
    return error.what();
  }
  return "no error";
}

TEST(MetricsCsvTest, ErrorsNameTheLine) {
  EXPECT_EQ(error_of("epoch,loss\n"),
            "metrics.csv:1:1: wrong header (got \"epoch,loss\", expected "
            "\"epoch,accuracy,loss,val_accuracy,val_loss\")");
  for (const char* row : {"1,1,1,1,x", "2,1,1,1,1", "1,1,1,1", "1,1,1,1,1,1", "1,1,1,,1", "",
                          "1,1,1,1,1\r", "1,1,1,1,1,"}) {
    EXPECT_EQ(error_of(kHeader + "0,1,1,1,1\n" + row + "\n").substr(0, 28),
              "metrics.csv:3:1: damaged row")
        << row;
  }
  EXPECT_NE(error_of(kHeader + "0,1,1,1,1"),
            "no error");  // cut short: the last digits may be missing
  EXPECT_NE(error_of(""), "no error");
  EXPECT_LT(error_of(kHeader + std::string(10000, 'x')).size(), 200U);
}

}  // namespace
}  // namespace nnrun
