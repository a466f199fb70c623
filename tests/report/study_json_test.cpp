#include "report/study_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

/// A run of two epochs that ends with the given val_accuracy; its other values do not vary.
StudyRun run_of(int64_t seed, const std::string& units, const std::string& rate, double value) {
  StudyRun run;
  run.folder = "u" + units + "-r" + rate + "/seed-" + std::to_string(seed);
  run.name = "sample";
  run.fields = {{"model.layers.F.units", units}, {"optimizer.learning_rate", rate}};
  run.rows = {{0, 0.1, 2.0, 0.1, 2.5}, {1, 0.2, 1.0, value, 1.5}};
  run.summary.status = "done";
  run.summary.seed = seed;
  run.summary.parameters = 10;
  run.summary.seconds = static_cast<double>(seed);
  return run;
}

/// units 8, 16 (as texts "16" sorts first) by rates 0.1, 0.2; two seeds each.
Study two_by_two() {
  std::vector<StudyRun> runs;
  const std::vector<std::tuple<std::string, std::string, double>> cells{
      {"16", "0.1", 0.50}, {"16", "0.2", 0.70}, {"8", "0.1", 0.30}, {"8", "0.2", 0.10}};
  for (const auto& [units, rate, value] : cells) {
    runs.push_back(run_of(1, units, rate, value - 0.02));
    runs.push_back(run_of(2, units, rate, value + 0.02));
  }
  return group_runs(std::move(runs));
}

TEST(StudyJsonTest, ConfigurationsHaveTheirEstimatesAndRuns) {
  const Json json = study_json(two_by_two(), Metric::kValAccuracy);
  EXPECT_EQ(json["metric"], "val_accuracy");
  EXPECT_EQ(json["varying"], Json({"model.layers.F.units", "optimizer.learning_rate"}));
  ASSERT_EQ(json["configurations"].size(), 4u);
  ASSERT_EQ(json["runs"].size(), 8u);
  const Json& second = json["configurations"][1];
  EXPECT_EQ(second["values"], Json({16, 0.2}));
  EXPECT_EQ(second["runs"], Json({2, 3}));
  EXPECT_EQ(json["runs"][3]["configuration"], 1);
  EXPECT_EQ(second["seconds"], 1.5);
  const Json& estimate = second["estimates"]["val_accuracy"];
  EXPECT_NEAR(estimate["mean"].get<double>(), 0.70, 1e-12);
  EXPECT_NEAR(estimate["sd"].get<double>(), 0.0282842712, 1e-9);                // 0.02 * sqrt(2)
  EXPECT_NEAR(estimate["high"].get<double>(), 0.70 + 12.7062047 * 0.02, 1e-6);  // t with 1 degree
  EXPECT_FALSE(estimate.contains("tail"));  // only of a single run
}

TEST(StudyJsonTest, TheAccuracyOfASingleRunHasAnIntervalOverItsItems) {
  StudyRun run = run_of(1, "8", "0.1", 0.3);
  run.val_examples = 10;
  const auto items_of = [](const Study& study, const std::string& metric) {
    const Json json = study_json(study, Metric::kValAccuracy);
    const Json& estimate = json["configurations"][0]["estimates"][metric];
    return std::pair(estimate["items_low"], estimate["items_high"]);
  };
  const auto [low, high] = items_of(group_runs({run}), "val_accuracy");
  // tests/reference/make_statistics_reference.py: 3 of 10
  EXPECT_NEAR(low.get<double>(), 0.06673951117773447, 1e-10);
  EXPECT_NEAR(high.get<double>(), 0.6524528500599973, 1e-10);
  const std::pair<Json, Json> none;
  EXPECT_EQ(items_of(group_runs({run}), "val_loss"), none);
  EXPECT_EQ(items_of(two_by_two(), "val_accuracy"), none);
}

TEST(StudyJsonTest, EffectsAreMeansOverAllRunsOfALevel) {
  const Json effects = study_json(two_by_two(), Metric::kValAccuracy)["effects"]["val_accuracy"];
  ASSERT_EQ(effects.size(), 2u);
  EXPECT_EQ(effects[0][0]["value"], 8);
  EXPECT_EQ(effects[0][0]["n"], 4);
  EXPECT_NEAR(effects[0][0]["mean"].get<double>(), 0.2, 1e-12);
  EXPECT_NEAR(effects[0][1]["mean"].get<double>(), 0.6, 1e-12);
  EXPECT_NEAR(effects[1][0]["mean"].get<double>(), 0.4, 1e-12);
  EXPECT_NEAR(effects[1][1]["mean"].get<double>(), 0.4, 1e-12);
}

TEST(StudyJsonTest, VarianceIsSplitOverTheGrid) {
  // By hand: grand mean 0.4; units 8 * 0.2^2 = 0.32, rate 0, interaction 8 * 0.1^2 = 0.08, noise
  // 8 * 0.02^2 = 0.0032.
  const Json shares = study_json(two_by_two(), Metric::kValAccuracy)["variance"]["val_accuracy"];
  ASSERT_EQ(shares.size(), 4u);
  EXPECT_NEAR(shares[0]["share"].get<double>(), 0.32 / 0.4032, 1e-12);
  EXPECT_NEAR(shares[1]["share"].get<double>(), 0, 1e-12);
  EXPECT_NEAR(shares[2]["share"].get<double>(), 0.08 / 0.4032, 1e-12);
  EXPECT_NEAR(shares[3]["share"].get<double>(), 0.0032 / 0.4032, 1e-12);
}

TEST(StudyJsonTest, TheVarianceIsThatOfTheTable) {
  const Study one_run_each = group_runs({run_of(1, "8", "0.1", 0.5), run_of(1, "16", "0.1", 0.6)});
  const Study one_path = group_runs({run_of(1, "8", "0.1", 0.5), run_of(2, "8", "0.1", 0.52),
                                     run_of(1, "16", "0.1", 0.6), run_of(2, "16", "0.1", 0.64)});
  for (const Study& study : {two_by_two(), one_run_each, one_path}) {
    std::vector<std::string> of_table, of_report;
    for (const VarianceShare& share : make_table(study, {}).variance)
      of_table.push_back(share.source);
    const Json json = study_json(study, Metric::kValAccuracy)["variance"]["val_accuracy"];
    for (const Json& share : json) of_report.push_back(share["source"].get<std::string>());
    EXPECT_EQ(of_report, of_table);
  }
}

TEST(StudyJsonTest, NotesNameNoOptionsOfTheTable) {
  StudyRun one = run_of(1, "8", "0.1", 0.5), other = run_of(1, "16", "0.2", 0.5);
  for (int i = 0; i < 9; ++i) {
    one.fields.emplace_back("model.layers.C" + std::to_string(i) + ".filters", "1");
    other.fields.emplace_back("model.layers.C" + std::to_string(i) + ".filters", "2");
  }
  const Study study = group_runs({one, other});
  EXPECT_NE(make_table(study, {}).notes.back().find("--columns"), std::string::npos);
  const Json notes = study_json(study, Metric::kValAccuracy)["table_notes"]["val_accuracy"];
  EXPECT_FALSE(notes.empty());
  EXPECT_EQ(notes.dump().find("--columns"), std::string::npos);
}

TEST(StudyJsonTest, WhatIsNotFiniteIsNull) {
  const Json json = study_json(group_runs({run_of(1, "8", "0.1", std::nan(""))}), Metric::kValLoss);
  EXPECT_TRUE(json["runs"][0]["last"]["val_accuracy"].is_null() ||
              std::isnan(json["runs"][0]["last"]["val_accuracy"].get<double>()));
  EXPECT_NE(json.dump().find("\"val_accuracy\":[0.1,null]"), std::string::npos);
  EXPECT_TRUE(json["variance"]["val_accuracy"].empty());
}

TEST(StudyJsonTest, ARunWithoutEpochsIsListed) {
  StudyRun run = run_of(1, "8", "0.1", 0.5);
  run.rows.clear();
  const Json json = study_json(group_runs({run}), Metric::kValAccuracy);
  EXPECT_TRUE(json["runs"][0]["last"].is_null());
  EXPECT_TRUE(json["runs"][0]["curves"]["epoch"].empty());
}

TEST(StudyJsonTest, LongCurvesAreThinnedAndKeepTheirEnd) {
  StudyRun run = run_of(1, "8", "0.1", 0.5);
  run.rows.clear();
  for (int64_t epoch = 0; epoch < 2 * kCurvePoints + 2; ++epoch) {
    run.rows.push_back({epoch, 0.5, 1, 0.5, 1.23456789});
  }
  const Json json = study_json(group_runs({run}), Metric::kValAccuracy);
  EXPECT_EQ(json["stride"], 3);
  const Json& curves = json["runs"][0]["curves"];
  EXPECT_EQ(curves["epoch"][1], 3);
  EXPECT_EQ(curves["epoch"].back(), 2 * kCurvePoints + 1);
  EXPECT_EQ(curves["val_loss"].back(), 1.23457);
  EXPECT_EQ(json["runs"][0]["epochs"], 2 * kCurvePoints + 2);
}

TEST(StudyJsonTest, BestComesFirst) {
  EXPECT_EQ(best_configurations(two_by_two(), Metric::kValAccuracy),
            (std::vector<size_t>{1, 0, 2, 3}));
  Study study = two_by_two();
  study.configurations[1].runs[0].rows.back().val_accuracy = std::nan("");
  EXPECT_EQ(best_configurations(study, Metric::kValAccuracy), (std::vector<size_t>{0, 2, 3, 1}));
  study = two_by_two();
  study.configurations[1].runs[0].summary.status = "diverged";
  EXPECT_EQ(best_configurations(study, Metric::kValAccuracy), (std::vector<size_t>{0, 2, 3, 1}));
  const Json json = study_json(study, Metric::kValAccuracy);
  EXPECT_TRUE(
      std::isnan(json["configurations"][1]["estimates"]["val_accuracy"]["mean"].get<double>()));
}

}  // namespace
}  // namespace nnrun
