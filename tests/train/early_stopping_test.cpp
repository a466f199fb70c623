#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <utility>

#include "nnrun/train.h"
#include "train/optional_json.h"
#include "train/records.h"

namespace nnrun {
namespace {

using namespace testing;

/// Epochs run, and the epoch whose weights remain at the end.
using Result = std::pair<int64_t, int64_t>;

Result run(const EarlyStoppingConfig& config, const std::vector<double>& values) {
  EarlyStopping stopping(config);
  int64_t best = -1, epoch = 0;
  for (const double value : values) {
    const bool stop = stopping.observe(record(epoch, value));
    if (stopping.is_best()) best = epoch;
    ++epoch;
    if (stop) break;
  }
  return {epoch, config.restore_best && best >= 0 ? best : epoch - 1};
}

EarlyStoppingConfig with(int64_t patience,
                         const std::function<void(EarlyStoppingConfig&)>& change = {}) {
  EarlyStoppingConfig config;
  config.patience = patience;
  if (change) change(config);
  return config;
}

// All expected numbers: keras.callbacks.EarlyStopping, by tests/reference/make_train_reference.py.
TEST(EarlyStoppingTest, PatienceAsInKeras) {
  EXPECT_EQ(run(with(2), kLosses), Result(4, 3));
  EXPECT_EQ(run(with(3), kLosses), Result(11, 10));
  EXPECT_EQ(run(with(0), kLosses), Result(3, 2));
  EXPECT_EQ(run(with(0), std::vector<double>(5, 1.0)), Result(2, 1));
}

TEST(EarlyStoppingTest, RestoresTheBestWeightsAsInKeras) {
  const auto best = [](EarlyStoppingConfig& config) { config.restore_best = true; };
  EXPECT_EQ(run(with(3, best), kLosses), Result(11, 7));
  EXPECT_EQ(run(with(6, best), kLosses), Result(14, 7));
  EXPECT_EQ(run(with(9, best), kLosses), Result(14, 7));
}

TEST(EarlyStoppingTest, MinDeltaAsInKeras) {
  EXPECT_EQ(run(with(3, [](auto& c) { c.min_delta = 0.05, c.restore_best = true; }), kLosses),
            Result(5, 1));
}

TEST(EarlyStoppingTest, BaselineAsInKeras) {
  EXPECT_EQ(run(with(4, [](auto& c) { c.baseline = 0.75, c.restore_best = true; }), kLosses),
            Result(4, 1));
  EXPECT_EQ(run(with(4, [](auto& c) { c.baseline = 0.9; }), kLosses), Result(12, 11));
}

TEST(EarlyStoppingTest, StartFromEpochAsInKeras) {
  EXPECT_EQ(run(with(2, [](auto& c) { c.start_from_epoch = 5, c.restore_best = true; }), kLosses),
            Result(10, 7));
  EXPECT_EQ(run(with(2, [](auto& c) { c.start_from_epoch = 20, c.restore_best = true; }), kLosses),
            Result(14, 13));
}

TEST(EarlyStoppingTest, ModeAsInKeras) {
  const auto accuracy = [](EarlyStoppingConfig& c) {
    c.monitor = Metric::kValAccuracy, c.restore_best = true;
  };
  EXPECT_EQ(run(with(2, accuracy), kAccuracies), Result(7, 4));
  EXPECT_EQ(run(with(6, accuracy), kAccuracies), Result(14, 7));
  EXPECT_EQ(run(with(2, [](auto& c) { c.mode = Mode::kMax, c.restore_best = true; }), kLosses),
            Result(3, 0));
}

TEST(EarlyStoppingTest, NanIsNeverBetter) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const auto best = [](EarlyStoppingConfig& config) { config.restore_best = true; };
  EXPECT_EQ(run(with(2, best), {1.0, kNan, 0.5, kNan, kNan, 0.6}), Result(5, 2));
  // Unlike Keras 3, as Keras 2: a first NaN does not stand in the way of later values.
  EXPECT_EQ(run(with(2, best), {kNan, 0.5, 0.4, kNan}), Result(4, 2));
  EXPECT_EQ(run(with(2, best), {kNan, kNan, kNan}),
            Result(2, 0));                              // the first weights stand in for the best
  EXPECT_EQ(run(with(0), {kNan, kNan}), Result(2, 1));  // never after epoch 0
}

TEST(EarlyStoppingTest, StateCarriesEverything) {
  const EarlyStoppingConfig config = with(3);
  for (size_t cut = 0; cut < 11; ++cut) {
    EarlyStopping first(config);
    for (size_t e = 0; e < cut; ++e) first.observe(record(static_cast<int64_t>(e), kLosses[e]));
    EarlyStopping second(config);
    second.restore(nlohmann::json::parse(first.state().dump()));
    size_t epoch = cut;
    while (!second.observe(record(static_cast<int64_t>(epoch), kLosses[epoch]))) ++epoch;
    EXPECT_EQ(epoch, 10U) << "cut after " << cut;
  }
}

}  // namespace
}  // namespace nnrun
