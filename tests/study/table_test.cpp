// Tables and comparisons over runs made up in memory.
#include "nnrun/tables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "nnrun/error.h"

namespace nnrun {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// One epoch per value of `accuracies`; 200 test items.
StudyRun run_of(const std::string& folder, int64_t seed, const Fields& fields,
                const std::vector<double>& accuracies) {
  StudyRun run;
  run.folder = folder;
  run.name = "study";
  run.fields = fields;
  run.labels = {{"name", "\"study\""}, {"seed", std::to_string(seed)}};
  run.summary.status = "done";
  run.summary.seed = seed;
  run.summary.parameters = 1'000'000;
  run.summary.seconds = 1.25;
  run.val_examples = 200;
  for (const double accuracy : accuracies)
    run.rows.push_back({static_cast<int64_t>(run.rows.size()), accuracy, 1, accuracy, 1});
  return run;
}

Fields fields_of(int64_t c1, int64_t c2) {
  return {{"data.validation_fraction", "null"},
          {"model.layers.C1.filters", std::to_string(c1)},
          {"model.layers.C2.filters", std::to_string(c2)}};
}

/// The 2 x 2 cells with two seeds each of tests/reference/make_statistics_reference.py ("grid").
Study grid() {
  const double values[2][2][2] = {{{0.10, 0.14}, {0.21, 0.18}}, {{0.20, 0.22}, {0.50, 0.44}}};
  std::vector<StudyRun> runs;
  for (int64_t i = 0; i < 2; ++i)
    for (int64_t j = 0; j < 2; ++j)
      for (int64_t seed = 0; seed < 2; ++seed) {
        const std::string folder =
            "s/trial-000" + std::to_string(2 * i + j) + "/seed-" + std::to_string(seed);
        runs.push_back(run_of(folder, seed, fields_of(10 * (i + 1), j + 1), {values[i][j][seed]}));
      }
  return group_runs(std::move(runs));
}

size_t column(const std::vector<std::string>& header, const std::string& name) {
  const auto found = std::find(header.begin(), header.end(), name);
  EXPECT_NE(found, header.end()) << name;
  return static_cast<size_t>(found - header.begin());
}

TEST(TableTest, ManySettingsAreShownOnlyWhenNamed) {
  Fields a{{"data.validation_fraction", "0.1"}}, b = a;
  for (int i = 0; i < 9; ++i) {
    a.emplace_back("model.layers.C" + std::to_string(i) + ".filters", "1");
    b.emplace_back("model.layers.C" + std::to_string(i) + ".filters", "2");
  }
  const Study study = group_runs({run_of("a", 0, a, {0.5}), run_of("b", 0, b, {0.4})});
  TableOptions options;
  options.columns = {"model.layers.C3.filters"};
  const Table table = make_table(study, options);
  const auto& shown = table.shown_header;
  EXPECT_EQ(std::find(shown.begin(), shown.end(), "C2.filters"), shown.end());
  EXPECT_EQ(table.shown_rows[1][column(shown, "C3.filters")], "2");
  EXPECT_EQ(table.rows[0][column(table.header, "model.layers.C2.filters")], "1");
  EXPECT_EQ(table.notes.back(), "9 settings differ: --columns NAME,… shows some, --csv all");
}

TEST(TableTest, AFileThatChangedBetweenRunsIsTold) {
  std::vector<StudyRun> runs{run_of("a", 0, fields_of(1, 1), {0.5}),
                             run_of("b", 1, fields_of(1, 1), {0.9})};
  const std::string warning =
      "warning: train.csv is not the same in all runs, so their values do not compare";
  const auto count = [&](const char* hash) {
    runs[0].files = {{"test.csv", 4, "c"}, {"train.csv", 4, "a"}};
    runs[1].files = {{"test.csv", 4, "c"}, {"train.csv", 4, hash}};
    const std::vector<std::string> notes = make_table(group_runs(runs), {}).notes;
    return std::count(notes.begin(), notes.end(), warning);
  };
  EXPECT_EQ(count("b"), 1);
  EXPECT_EQ(count("a"), 0);
}

TEST(TableTest, ConfigurationsOfOneNameAreToldApartByFolder) {
  const Study study = grid();
  EXPECT_EQ(study.varying,
            (std::vector<std::string>{"model.layers.C1.filters", "model.layers.C2.filters"}));
  ASSERT_EQ(study.configurations.size(), 4u);
  EXPECT_EQ(study.configurations[3].name, "s/trial-0003");
  EXPECT_EQ(study.configurations[3].runs.size(), 2u);
  EXPECT_EQ(group_runs({run_of("a/seed-1", 1, {}, {0.5}), run_of("a/seed-2", 2, {}, {0.5})})
                .configurations[0]
                .name,
            "study");
}

TEST(TableTest, FoldersWithNothingInCommonStillHaveAName) {
  const Study study = group_runs({run_of("a/seed-1", 1, fields_of(1, 1), {0.5}),
                                  run_of("b/seed-2", 2, fields_of(1, 1), {0.5}),
                                  run_of("c", 1, fields_of(1, 2), {0.5})});
  EXPECT_EQ(study.configurations[0].name, ".");
}

TEST(TableTest, ExactAndShownRows) {
  const Table table = make_table(grid(), {});
  ASSERT_EQ(table.rows.size(), 4u);
  const auto& best = table.rows[0];
  EXPECT_EQ(best[column(table.header, "configuration")], "\"s/trial-0003\"");
  EXPECT_EQ(best[column(table.header, "model.layers.C1.filters")], "20");
  EXPECT_EQ(best[column(table.header, "val_accuracy")], "0.47");
  EXPECT_EQ(best[column(table.header, "parameters")], "1000000");
  const auto& shown = table.shown_rows[0];
  EXPECT_EQ(shown[column(table.shown_header, "val_accuracy")], "0.4700 ± 0.0424");
  EXPECT_EQ(shown[column(table.shown_header, "C1.filters")], "20");
  EXPECT_EQ(shown[column(table.shown_header, "parameters")], "1,000,000");
  const auto& header = table.shown_header;
  EXPECT_EQ(std::count(header.begin(), header.end(), "status"), 0) << "all are done";
  EXPECT_EQ(std::count(header.begin(), header.end(), "95 % of items"), 0) << "no single runs";
}

TEST(TableTest, SingleRunsShowItemsAndTheLastEpochs) {
  std::vector<double> accuracies(100, 0.1);
  std::fill(accuracies.begin() + 50, accuracies.end(), 0.4);
  accuracies.back() = 0.3;
  const Table table = make_table(group_runs({run_of("a", 0, fields_of(1, 1), accuracies),
                                             run_of("b", 0, fields_of(2, 1), {0.25})}),
                                 {});
  const auto& row = table.rows[0];
  // tests/reference/make_statistics_reference.py: "items"
  EXPECT_NEAR(std::stod(row[column(table.header, "items_low")]), 0.237389644075, 1e-11);
  EXPECT_NEAR(std::stod(row[column(table.header, "items_high")]), 0.368649875459, 1e-11);
  EXPECT_NEAR(std::stod(row[column(table.header, "last50_mean")]), 0.398, 1e-12);
  EXPECT_EQ(row[column(table.header, "low")], "null");
  EXPECT_EQ(table.shown_rows[0][column(table.shown_header, "last 50 epochs")], "0.3980 ± 0.0141");
  EXPECT_EQ(table.shown_rows[1][column(table.shown_header, "95 % of items")], "[0.1916, 0.3160]");
}

TEST(TableTest, VarianceOfAGridEqualsStatsmodels) {
  const auto shares = split_grid(grid(), Metric::kValAccuracy);
  ASSERT_EQ(shares.size(), 4u);
  EXPECT_EQ(shares[0].source, "model.layers.C1.filters");
  EXPECT_NEAR(shares[0].sum_of_squares, 0.0666125, 1e-12);
  EXPECT_NEAR(*shares[0].p, 0.000824463783652, 1e-12);
  EXPECT_NEAR(shares[2].sum_of_squares, 0.0171125, 1e-12);
  EXPECT_NEAR(*shares[2].p, 0.0101122791037, 1e-11);
  EXPECT_NEAR(shares[3].share, 0.0227133746833, 1e-12);

  TableOptions fixed;
  fixed.filters = {"model.layers.C1.filters=10"};
  const Table table = make_table(grid(), fixed);
  ASSERT_EQ(table.variance.size(), 2u) << "one path is left: its effect and the noise";
  EXPECT_EQ(table.variance[0].source, "model.layers.C2.filters");
  const auto json = nlohmann::json::parse(render(table, TableStyle::kJson));
  EXPECT_EQ(json["variance"][1]["source"], "noise");
}

TEST(TableTest, AGridOfOnePathAndSingleRunsHasNothingToSplit) {
  EXPECT_TRUE(split_grid(group_runs({run_of("a", 0, fields_of(1, 1), {0.1}),
                                     run_of("b", 0, fields_of(2, 1), {0.2})}),
                         Metric::kValAccuracy)
                  .empty());
}

TEST(TableTest, SortsAndFiltersByAnyColumn) {
  TableOptions options;
  options.sort = "model.layers.C2.filters";
  options.descending = true;
  options.filters = {"model.layers.C1.filters=20.0", "status=done"};
  options.columns = {"seed", "folder"};
  const Table table = make_table(grid(), options);
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0][column(table.header, "model.layers.C2.filters")], "2");
  EXPECT_EQ(table.rows[0][column(table.header, "seed")], "[0,1]");
  options.filters = {"model.layers.C9.filters=20"};
  EXPECT_THROW(make_table(grid(), options), ConfigError);
  options.filters = {"nothing"};
  EXPECT_THROW(make_table(grid(), options), ConfigError);
}

bool has_note(const Table& table, const std::string& part) {
  return std::ranges::any_of(
      table.notes, [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

/// Two configurations, without a schedule and with one, and what came with it.
Study scheduled() {
  Fields constant{{"data.validation_fraction", "0.1"}, {"optimizer.schedule", "null"}};
  Fields cosine{{"data.validation_fraction", "0.1"},
                {"optimizer.schedule.type", "\"cosine\""},
                {"optimizer.schedule.final", "0.1"},
                {"optimizer.schedule.warmup_epochs", "0"}};
  return group_runs({run_of("a", 0, constant, {0.5}), run_of("b", 0, cosine, {0.4})});
}

TEST(TableTest, ASettingThatIsNullOrAnObjectIsOnePath) {
  const Study study = scheduled();
  EXPECT_EQ(study.varying, std::vector<std::string>{"optimizer.schedule"});
  EXPECT_EQ(study.configurations[0].values, std::vector<std::string>{"null"});
  const std::string object = R"({"type":"cosine","final":0.1,"warmup_epochs":0})";
  EXPECT_EQ(study.configurations[1].values, std::vector<std::string>{object});
  const Table table = make_table(study, {});
  EXPECT_EQ(table.rows[1][column(table.header, "optimizer.schedule")], object);
}

TEST(TableTest, FiltersKnowNullFromAnObject) {
  const auto left = [](const std::string& filter) {
    TableOptions options;
    options.filters = {filter};
    std::string names;
    for (const auto& row : make_table(scheduled(), options).rows) names += row[0];
    return names;
  };
  EXPECT_EQ(left("optimizer.schedule=null"), "\"a\"");
  EXPECT_EQ(left(R"(optimizer.schedule={"final":0.10,"type":"cosine"})"), "\"b\"");
  EXPECT_EQ(left(R"(optimizer.schedule={"final":0.2,"type":"cosine"})"), "");
  EXPECT_EQ(left("optimizer.schedule.type=cosine"), "\"b\"");
}

TEST(TableTest, ASettingGoesByItsHeadToo) {
  TableOptions options;
  options.filters = {"C1.filters=20"};
  options.sort = "C2.filters";
  options.columns = {"C1.filters"};
  const Table table = make_table(grid(), options);
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0][column(table.header, "model.layers.C2.filters")], "1");
  EXPECT_EQ(std::ranges::count(table.header, "model.layers.C1.filters"), 1);
}

/// optimizer.type by C1.filters, with what came along: Adam has beta_1 and another default rate.
Study swept_types(const std::vector<SweptAxis>& axes) {
  const auto plan = std::make_shared<SweepPlan>(SweepPlan{axes, Metric::kValAccuracy});
  std::vector<StudyRun> runs;
  for (const std::string type : {"sgd", "adam"})
    for (int64_t filters = 1; filters < 3; ++filters)
      for (int64_t seed = 0; seed < 2; ++seed) {
        Fields fields = fields_of(filters, 1);
        fields.emplace_back("optimizer.type", "\"" + type + "\"");
        fields.emplace_back("optimizer.learning_rate", type == "sgd" ? "0.01" : "0.001");
        fields.emplace_back(type == "sgd" ? "optimizer.momentum" : "optimizer.beta_1", "0.9");
        const std::string folder = "s/" + type + std::to_string(2 * filters + seed);
        const auto noise = static_cast<double>(seed * filters);
        runs.push_back(
            run_of(folder, seed, fields, {0.1 * static_cast<double>(filters) + 0.01 * noise}));
        runs.back().plan = plan;
      }
  return group_runs(std::move(runs));
}

TEST(TableTest, ASweepVariesWhatItSaysAndNotWhatCameAlong) {
  const std::vector<SweptAxis> axes{{"optimizer.type", {"\"sgd\"", "\"adam\""}},
                                    {"model.layers.C1.filters", {"1", "2"}},
                                    {"model.layers.C2.filters", {"1"}}};
  const Study study = swept_types(axes);
  EXPECT_EQ(study.varying, (std::vector<std::string>{"optimizer.type", "model.layers.C1.filters"}));
  const auto shares = split_grid(study, Metric::kValAccuracy);
  ASSERT_EQ(shares.size(), 4u);
  EXPECT_EQ(shares[1].source, "model.layers.C1.filters");
  // By hand: cells {0.1, 0.11} and {0.2, 0.22}, twice: type 0, filters 8 * 0.0525^2, noise 2 *
  // (5e-5 + 2e-4).
  EXPECT_NEAR(shares[0].sum_of_squares, 0, 1e-12);
  EXPECT_NEAR(shares[1].sum_of_squares, 0.02205, 1e-12);
  EXPECT_NEAR(shares[3].sum_of_squares, 0.0005, 1e-12);

  const Study other = swept_types({{"model.layers.C1.filters", {"1", "2"}}});
  EXPECT_EQ(other.varying.size(), 5u) << "the sweep's path does not tell them apart";
}

TEST(TableTest, ASweepWithAnotherMetricIsToldOf) {
  Study study = grid();
  const std::string hint = "the sweep itself is ranked by val_loss: --metric val_loss";
  EXPECT_FALSE(has_note(make_table(study, {}), hint));
  const auto plan = std::make_shared<SweepPlan>(SweepPlan{{}, Metric::kValLoss});
  for (Configuration& configuration : study.configurations)
    for (StudyRun& run : configuration.runs) run.plan = plan;
  EXPECT_EQ(make_table(study, {}).notes.back(), hint);
  TableOptions options;
  options.metric = Metric::kAccuracy;
  EXPECT_FALSE(has_note(make_table(study, options), hint)) << "asked for";
}

TEST(TableTest, ObjectsOfASweepAreShownAsItHasThem) {
  const std::vector<std::string> written{"null", R"({"final":0.1})",
                                         R"({"final":0.1,"type":"cosine"})"};
  const auto plan = std::make_shared<SweepPlan>(SweepPlan{{{"optimizer.schedule", written}}, {}});
  std::vector<StudyRun> runs;
  for (Configuration& configuration : scheduled().configurations)
    runs.push_back(configuration.runs.front());
  for (StudyRun& run : runs) run.plan = plan;
  const Table table = make_table(group_runs(runs), {});
  EXPECT_EQ(table.shown_rows[1][column(table.shown_header, "optimizer.schedule")], written[2]);
  EXPECT_EQ(table.rows[1][column(table.header, "optimizer.schedule")],
            R"({"type":"cosine","final":0.1,"warmup_epochs":0})");
}

TEST(TableTest, WarnsOfChoosingOnTheTestSet) {
  const auto warned = [](const Study& study) {
    const auto notes = make_table(study, {}).notes;
    return std::any_of(notes.begin(), notes.end(), [](const std::string& note) {
      return note.find("validation_fraction") != std::string::npos;
    });
  };
  EXPECT_TRUE(warned(grid()));
  Study study = grid();
  for (Configuration& configuration : study.configurations)
    for (StudyRun& run : configuration.runs) run.fields[0].second = "0.1";
  EXPECT_FALSE(warned(study));
}

TEST(TableTest, ComparisonsSayWhatTheyRestOn) {
  const auto side = [](const std::vector<double>& values) {
    std::vector<StudyRun> runs;
    for (const double value : values) {
      const auto seed = static_cast<int64_t>(runs.size());
      runs.push_back(run_of("r", seed, {}, {value}));
    }
    return runs;
  };
  const auto ask = [&](const std::vector<double>& a, const std::vector<double>& b,
                       const std::optional<Disagreement>& items = {}) {
    return compare("A", side(a), "B", side(b), Metric::kValAccuracy, items);
  };
  EXPECT_TRUE(ask({0.50, 0.51, 0.52}, {0.30, 0.32, 0.31}).told);
  const Comparison steps = ask({0.51, 0.52}, {0.50, 0.51});
  EXPECT_FALSE(steps.told);
  EXPECT_EQ(steps.sentence.rfind("cannot tell", 0), 0u) << steps.sentence;
  EXPECT_FALSE(ask({0.51}, {0.50}).told);
  EXPECT_TRUE(ask({0.51}, {0.40}, Disagreement{40, 10}).told);
  EXPECT_FALSE(ask({0.51}, {0.50}, Disagreement{11, 10}).told);
}

/// Three runs each, seeds 0 to 2.
std::vector<StudyRun> three_runs(double value) {
  std::vector<StudyRun> runs;
  for (int64_t seed = 0; seed < 3; ++seed) {
    runs.push_back(run_of("r", seed, {}, {value + 0.01 * static_cast<double>(seed % 2)}));
  }
  return runs;
}

TEST(TableTest, ComparisonsNameWhatCannotBePaired) {
  const auto sentence = [](const std::vector<StudyRun>& b) {
    return compare("A", three_runs(0.3), "B", b, Metric::kValAccuracy, {}).sentence;
  };
  std::vector<StudyRun> other = three_runs(0.5);
  for (StudyRun& run : other) run.val_examples = 500;
  EXPECT_EQ(sentence(other),
            "cannot tell: A and B have no seed at which they can be compared; at seeds 0, 1, 2 "
            "val_accuracy is of other examples");
  other = three_runs(0.5);
  for (StudyRun& run : other) run.rows.back().val_accuracy = std::nan("");
  EXPECT_EQ(sentence(other),
            "cannot tell: A and B have no seed at which they can be compared; at seeds 0, 1, 2 "
            "val_accuracy is not finite");
  other = three_runs(0.5);
  other[1].summary.status = "diverged";
  EXPECT_TRUE(sentence(other).ends_with("; at seed 1 a run diverged")) << sentence(other);
  other = three_runs(0.5);
  other[2].rows.back().val_accuracy = HUGE_VAL;
  other[0].data_hash = "other";
  EXPECT_TRUE(
      sentence(other).ends_with("; at seed 2 val_accuracy is not finite; their data differ"))
      << sentence(other);
}

/// Members of a group are tested against its first alone.
TEST(TableTest, TiesAreWithTheBestOfAGroup) {
  const std::string note = make_table(grid(), {}).notes.front();
  EXPECT_EQ(note,
            "ties: configurations of one number cannot be told apart from the best of them at 95 % "
            "(paired t-tests, corrected for all pairs)");
}

TEST(TableTest, SaysWhereValuesDoNotCompare) {
  EXPECT_FALSE(has_note(make_table(grid(), {}), "same examples"));
  Study study = grid();
  study.configurations[0].runs[1].val_examples = 100;
  EXPECT_TRUE(has_note(make_table(study, {}), "not all are validated on the same examples"));
  EXPECT_FALSE(has_note(make_table(study, {}), "restore_best"));
  study.configurations[1].runs[0].fields.emplace_back("training.early_stopping.restore_best",
                                                      "true");
  EXPECT_TRUE(has_note(make_table(study, {}), "restore_best"));
}

/// A high accuracy of weights that are not finite: they guess the first class, which is a frequent
/// one.
TEST(TableTest, ARunThatDivergedHasNoValueAndIsNotTheBest) {
  StudyRun bad = run_of("bad", 0, fields_of(2, 1), {0.9});
  bad.summary.status = "diverged";
  const Study study = group_runs({bad, run_of("good", 0, fields_of(1, 1), {0.2})});
  const Table table = make_table(study, {});
  EXPECT_EQ(table.rows[0][column(table.header, "configuration")], "\"good\"");
  EXPECT_EQ(table.rows[1][column(table.header, "val_accuracy")], "null");
  EXPECT_EQ(table.rows[1][column(table.header, "items_low")], "null");
  EXPECT_EQ(table.rows[1][column(table.header, "last50_mean")], "null");
  EXPECT_TRUE(has_note(table, "some runs diverged"));
  EXPECT_FALSE(has_note(make_table(grid(), {}), "diverged"));

  Study partly = grid();
  partly.configurations[3].runs[1].summary.status = "diverged";
  const Table of_grid = make_table(partly, {});
  EXPECT_EQ(of_grid.rows[3][column(of_grid.header, "configuration")], "\"s/trial-0003\"");
  EXPECT_TRUE(of_grid.variance.empty());
}

TEST(TableTest, WhatASummarySaysBesidesNumbersCanBeShown) {
  Study study = grid();
  study.configurations[0].runs[1].summary.exact = false;
  TableOptions options;
  options.columns = {"exact", "status"};
  const Table table = make_table(study, options);
  std::vector<std::string> cells;
  for (const auto& row : table.rows) cells.push_back(row[column(table.header, "exact")]);
  std::ranges::sort(cells);
  EXPECT_EQ(cells, (std::vector<std::string>{"[true,false]", "true", "true", "true"}));
  EXPECT_EQ(table.shown_rows[0][column(table.shown_header, "status")], "done");
  options.filters = {"exact=false"};
  EXPECT_EQ(make_table(study, options).rows.size(), 1u);
  options.filters = {"seed=1"};  // of several runs
  EXPECT_EQ(make_table(study, options).rows.size(), 4u);
}

}  // namespace
}  // namespace nnrun
