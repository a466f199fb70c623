#include <cmath>
#include <nlohmann/json.hpp>

#include "nnrun/error.h"
#include "study/made_up_runs.h"
#include "study/table_cells.h"

namespace nnrun {
namespace {

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

TEST(TableTest, ConfigurationsThatShareTheirFolderGoByTheirFirstRun) {
  std::vector<StudyRun> runs;
  for (const std::string study : {"a", "b"}) {
    for (int64_t trial = 0; trial < 2; ++trial) {
      const std::string folder = study + "/trial-000" + std::to_string(trial) + "/seed-1";
      runs.push_back(run_of(folder, 1, fields_of(1, trial), {0.5}));
    }
  }
  const Study study = group_runs(runs);
  ASSERT_EQ(study.configurations.size(), 2u);
  EXPECT_EQ(study.configurations[0].name, "a/trial-0000/seed-1");
  EXPECT_EQ(study.configurations[1].name, "a/trial-0001/seed-1");
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

/// A single run ties with all others, which does not make it better than they are.
TEST(TableTest, RowsComeBestFirstWhateverTheTies) {
  std::vector<StudyRun> runs;
  for (int64_t seed = 0; seed < 3; ++seed) {
    const double noise = 0.001 * static_cast<double>(seed);
    runs.push_back(run_of("poor/" + std::to_string(seed), seed, fields_of(1, 1), {0.8 + noise}));
    runs.push_back(
        run_of("good/" + std::to_string(seed), seed, fields_of(2, 1), {0.9 - 2 * noise}));
  }
  runs.push_back(run_of("single", 0, fields_of(3, 1), {0.3}));
  runs.push_back(run_of("diverged", 0, fields_of(4, 1), {0.95}));
  runs.back().summary.status = "diverged";
  const Table table = make_table(group_runs(runs), {});
  std::vector<std::string> order, ties;
  for (const auto& row : table.rows) {
    order.push_back(row[column(table.header, "model.layers.C1.filters")]);
    ties.push_back(row[column(table.header, "ties")]);
  }
  EXPECT_EQ(order, (std::vector<std::string>{"2", "1", "3", "4"}));
  EXPECT_EQ(ties, (std::vector<std::string>{"1", "2", "1", "3"}));
}

TEST(TableTest, NumbersOfAnySizeAreShown) {
  EXPECT_EQ(readable(0.48551), "0.4855");
  EXPECT_EQ(readable(0.000048551), "4.86e-05");
  EXPECT_EQ(readable(1234.56), "1234.6");
  EXPECT_EQ(readable(9.672582847542362e34), "9.673e+34");
  EXPECT_EQ(bounds(Interval{-6.394689021454197e34, 5.872010125166254e300}),
            "[-6.395e+34, 5.872e+300]");
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
  const size_t tail = column(table.shown_header, "last epochs (50 at most)");
  EXPECT_EQ(table.shown_rows[0][tail], "0.3980 ± 0.0141");
  EXPECT_EQ(table.shown_rows[1][tail], "0.2500") << "of its one epoch";
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

/// Of trials that hyperband stopped, say: their values differ by their epochs.
TEST(TableTest, RunsThatAreNotAtTheirEndAreNotSplit) {
  Study study = grid();
  study.configurations[2].runs[1].summary.status = "stopped";
  EXPECT_TRUE(make_table(study, {}).variance.empty());
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

TEST(TableTest, WarnsOfChoosingOnTheTestSet) {
  const auto warned = [](const Study& study) {
    return has_note(make_table(study, {}), "validation_fraction");
  };
  EXPECT_TRUE(warned(grid()));
  Study study = grid();
  for (Configuration& configuration : study.configurations)
    for (StudyRun& run : configuration.runs) run.fields[0].second = "0.1";
  EXPECT_FALSE(warned(study));
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
