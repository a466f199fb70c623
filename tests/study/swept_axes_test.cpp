// What varies in a study: the paths of a sweep, values that are objects.
#include "study/made_up_runs.h"

namespace nnrun {
namespace {

/// Two configurations, without a schedule and with one, and what came with it.
Study scheduled() {
  Fields constant{{"data.validation_fraction", "0.1"}, {"optimizer.schedule", "null"}};
  Fields cosine{{"data.validation_fraction", "0.1"},
                {"optimizer.schedule.type", "\"cosine\""},
                {"optimizer.schedule.final", "0.1"},
                {"optimizer.schedule.warmup_epochs", "0"}};
  return group_runs({run_of("a", 0, constant, {0.5}), run_of("b", 0, cosine, {0.4})});
}

TEST(SweptAxesTest, ASettingThatIsNullOrAnObjectIsOnePath) {
  const Study study = scheduled();
  EXPECT_EQ(study.varying, std::vector<std::string>{"optimizer.schedule"});
  EXPECT_EQ(study.configurations[0].values, std::vector<std::string>{"null"});
  const std::string object = R"({"type":"cosine","final":0.1,"warmup_epochs":0})";
  EXPECT_EQ(study.configurations[1].values, std::vector<std::string>{object});
  const Table table = make_table(study, {});
  EXPECT_EQ(table.rows[1][column(table.header, "optimizer.schedule")], object);
}

TEST(SweptAxesTest, FiltersKnowNullFromAnObject) {
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

TEST(SweptAxesTest, ASweepVariesWhatItSaysAndNotWhatCameAlong) {
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

TEST(SweptAxesTest, ASweepWithAnotherMetricIsToldOf) {
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

TEST(SweptAxesTest, ObjectsOfASweepAreShownAsItHasThem) {
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

}  // namespace
}  // namespace nnrun
