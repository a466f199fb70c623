#include <gtest/gtest.h>

#include <cmath>

#include "nnrun/train.h"
#include "train/optional_json.h"
#include "train/records.h"

namespace nnrun {
namespace {

using namespace testing;

OptimizerConfig optimizer(const ScheduleConfig& schedule, double rate = 1) {
  OptimizerConfig config;
  config.learning_rate = rate;
  config.schedule = schedule;
  return config;
}

std::vector<double> rates(const OptimizerConfig& config, int64_t epochs) {
  const Schedule schedule(config, epochs);
  std::vector<double> result;
  for (int64_t epoch = 0; epoch < epochs; ++epoch) result.push_back(schedule.rate(epoch));
  return result;
}

void expect_near(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i)
    EXPECT_NEAR(found[i], expected[i], 1e-15) << "epoch " << i;
}

TEST(ScheduleTest, NoneIsConstant) {
  OptimizerConfig config;
  config.learning_rate = 0.3;
  expect_near(rates(config, 3), {0.3, 0.3, 0.3});
}

TEST(ScheduleTest, StepCountsFromTheEndOfTheWarmUp) {
  ScheduleConfig step{.type = ScheduleType::kStep, .every = 2, .factor = 0.5};
  expect_near(rates(optimizer(step, 0.8), 5), {0.8, 0.8, 0.4, 0.4, 0.2});
  step.warmup_epochs = 3;
  expect_near(rates(optimizer(step), 8), {0.25, 0.5, 0.75, 1, 1, 0.5, 0.5, 0.25});
  step.factor = 0;
  expect_near(rates(optimizer(step), 7), {0.25, 0.5, 0.75, 1, 1, 0, 0});
}

TEST(ScheduleTest, CosineFallsToItsFinalFactor) {
  ScheduleConfig cosine{.type = ScheduleType::kCosine, .final_factor = 0.2};
  expect_near(rates(optimizer(cosine), 5),
              {1, 0.2 + 0.4 * (1 + std::sqrt(0.5)), 0.6, 0.2 + 0.4 * (1 - std::sqrt(0.5)), 0.2});
  cosine.warmup_epochs = 1;
  expect_near(rates(optimizer(cosine), 4), {0.5, 1, 0.6, 0.2});
  expect_near(rates(optimizer(cosine), 2), {0.5, 1});  // nothing left to fall over
}

TEST(ScheduleTest, OneCycleIsTwoStraightLines) {
  ScheduleConfig cycle{
      .type = ScheduleType::kOneCycle, .start = 0.2, .final_factor = 0.1, .peak_epoch = 2};
  expect_near(rates(optimizer(cycle), 6), {0.2, 0.6, 1, 0.7, 0.4, 0.1});
  cycle.peak_epoch = 0;
  expect_near(rates(optimizer(cycle), 4), {1, 0.7, 0.4, 0.1});
  cycle.peak_epoch = 3;
  expect_near(rates(optimizer(cycle), 4), {0.2, 0.2 + 0.8 / 3, 0.2 + 1.6 / 3, 1});
}

std::vector<double> plateau_rates(const ScheduleConfig& config, const std::vector<double>& values) {
  Schedule schedule(optimizer(config), static_cast<int64_t>(values.size()));
  std::vector<double> result;
  for (const double value : values) {
    const auto epoch = static_cast<int64_t>(result.size());
    result.push_back(schedule.rate(epoch));
    schedule.observe(record(epoch, value));
  }
  return result;
}

ScheduleConfig plateau(double factor, int64_t patience, Metric monitor = Metric::kValLoss) {
  return {
      .type = ScheduleType::kPlateau, .factor = factor, .monitor = monitor, .patience = patience};
}

// Expected rates: keras.callbacks.ReduceLROnPlateau, by tests/reference/make_train_reference.py.
TEST(ScheduleTest, PlateauAsInKeras) {
  expect_near(plateau_rates(plateau(0.5, 2), kLosses),
              {1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.0625, 0.0625});
  expect_near(plateau_rates(plateau(0.5, 1), kLosses),
              {1, 1, 1, 0.5, 0.25, 0.25, 0.125, 0.0625, 0.0625, 0.03125, 0.015625, 0.0078125,
               0.00390625, 0.001953125});
  expect_near(plateau_rates(plateau(0.25, 0), kLosses),
              {1, 1, 1, 0.25, 0.0625, 0.0625, 0.015625, 0.00390625, 0.00390625, 0.0009765625,
               0.000244140625, 6.103515625e-05, 1.52587890625e-05, 3.814697265625e-06});
  expect_near(plateau_rates(plateau(0.5, 2, Metric::kValAccuracy), kAccuracies),
              {1, 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125});
}

TEST(ScheduleTest, PlateauIgnoresTinyImprovements) {
  expect_near(plateau_rates(plateau(0.5, 1), {1.0, 0.99995, 0.99992, 0.9998, 0.9996, 0.9995}),
              {1, 1, 0.5, 0.25, 0.25, 0.25});
}

TEST(ScheduleTest, PlateauBeginsAfterTheWarmUp) {
  ScheduleConfig config = plateau(0.5, 1);
  config.warmup_epochs = 3;
  expect_near(plateau_rates(config, {1, 1, 1, 1, 1, 1}), {0.25, 0.5, 0.75, 1, 1, 0.5});
}

TEST(ScheduleTest, StateCarriesThePlateau) {
  const OptimizerConfig config = optimizer(plateau(0.5, 2));
  Schedule whole(config, 14);
  for (size_t e = 0; e < kLosses.size(); ++e) {
    Schedule resumed(config, 14);
    resumed.restore(nlohmann::json::parse(whole.state().dump()));
    EXPECT_EQ(resumed.rate(13), whole.rate(13));
    whole.observe(record(static_cast<int64_t>(e), kLosses[e]));
    resumed.observe(record(static_cast<int64_t>(e), kLosses[e]));
    EXPECT_EQ(resumed.state(), whole.state());
  }
}

}  // namespace
}  // namespace nnrun
