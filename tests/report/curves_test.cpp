#include "report/curves.h"

#include <gtest/gtest.h>

#include <cmath>
#include <regex>

#include "report/progress.h"

namespace nnrun {
namespace {

/// The `d` of every path, in order: cost train, cost validation, accuracy train, accuracy
/// validation.
std::vector<std::string> paths_of(const std::string& svg) {
  const std::regex path("<path d=\"([^\"]*)\"");
  std::vector<std::string> found;
  for (std::sregex_iterator match(svg.begin(), svg.end(), path), end; match != end; ++match)
    found.push_back((*match)[1]);
  return found;
}

/// "cx cy fill" of every dot.
std::vector<std::string> dots_of(const std::string& svg) {
  const std::regex dot("<circle cx=\"([^\"]*)\" cy=\"([^\"]*)\"[^>]* fill=\"([^\"]*)\"");
  std::vector<std::string> found;
  for (std::sregex_iterator match(svg.begin(), svg.end(), dot), end; match != end; ++match)
    found.push_back((*match).format("$1 $2 $3"));
  return found;
}

TEST(CurvesTest, PointsStandWhereTheirValuesAre) {
  // 260 pixels from y = 308 upwards: costs from -0.1 to 2.1 (5 % around them), accuracies from 0
  // to 1.05.
  const auto paths = paths_of(curves_svg("run", "test", {{0, 0.25, 2, 0.5, 1}, {1, 0.5, 1, 1, 0}}));
  ASSERT_EQ(paths.size(), 4U);
  EXPECT_EQ(paths[0], "M64.0 59.8L424.0 178.0");
  EXPECT_EQ(paths[1], "M64.0 178.0L424.0 296.2");
  EXPECT_EQ(paths[2], "M514.0 246.1L874.0 184.2");  // 0.25, 0.5 of 1.05
  EXPECT_EQ(paths[3], "M514.0 184.2L874.0 60.4");
}

TEST(CurvesTest, ValuesThatAreNotFiniteLeaveGaps) {
  const double nan = std::nan("");
  const std::string svg = curves_svg(
      "run", "test",
      {{0, 0, 1, 0, nan}, {1, 0, nan, 0, INFINITY}, {2, 0, 1, 0, nan}, {3, 0, 1, 0, nan}});
  EXPECT_EQ(paths_of(svg)[0], "M64.0 178.0M304.0 178.0L424.0 178.0");
  EXPECT_EQ(paths_of(svg)[1], "");
  EXPECT_EQ(dots_of(svg), std::vector<std::string>{"64.0 178.0 #1f6fb4"});
}

TEST(CurvesTest, OneEpochIsAPoint) {
  // Costs from -0.1 to 2.1, accuracies from 0 to 1.05: a move draws nothing, so each is a dot.
  EXPECT_EQ(dots_of(curves_svg("run", "test", {{0, 0.5, 2, 1, 0}})),
            (std::vector<std::string>{"64.0 59.8 #1f6fb4", "64.0 296.2 white",
                                      "514.0 184.2 #1f6fb4", "514.0 60.4 white"}));
}

TEST(CurvesTest, HugeEqualValuesAreAPoint) {
  // Half a unit more or less is no range at this size.
  EXPECT_EQ(
      paths_of(curves_svg("run", "test", {{0, 0, 7.5e35, 0, NAN}, {1, 0, 7.5e35, 0, NAN}}))[0],
      "M64.0 178.0L424.0 178.0");
}

TEST(CurvesTest, LongRunsStaySmall) {
  std::vector<EpochRecord> rows;
  for (int64_t epoch = 0; epoch < 100000; ++epoch) rows.push_back({epoch, 0.5, 1, 0.5, 1});
  const std::string svg = curves_svg("run", "test", rows);
  EXPECT_LT(svg.size(), 150000U);
  EXPECT_TRUE(paths_of(svg)[0].ends_with("L424.0 178.0"));  // the last epoch is drawn
}

TEST(CurvesTest, LabelsAreEscaped) {
  const std::string svg = curves_svg("a<b&c", "validation", {});
  EXPECT_NE(svg.find(">a&lt;b&amp;c<"), std::string::npos);
  EXPECT_NE(svg.find(">validation<"), std::string::npos);
}

TEST(ProgressTest, ANanHasNoSign) {
  EXPECT_EQ(four_decimals(-std::nan("")), "nan");
  EXPECT_EQ(four_decimals(2.30259), "2.3026");
}

}  // namespace
}  // namespace nnrun
