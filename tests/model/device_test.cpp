#include <gtest/gtest.h>

#include <tuple>

#include "model/devices.h"
#include "model/model_table.h"
#include "nnrun/error.h"

namespace nnrun {
namespace {

using namespace testing;

OptimizerConfig optimizer_of(OptimizerType type) {
  OptimizerConfig config;
  config.type = type;
  return config;
}

class DeviceTest : public ::testing::TestWithParam<std::tuple<Place, Model>> {
 protected:
  void SetUp() override { NNRUN_SKIP_WITHOUT(place()); }

  Place place() const { return std::get<0>(GetParam()); }

  TestRun run() const { return run_of(std::get<1>(GetParam())); }

  const AllRecorded watch;
};

TEST_P(DeviceTest, TrainsAsThePlainForms) {
  TestRun here = run(), there = run();
  const auto a = open_at(place(), here), b = open_plain(there);
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    const Sums sums_a = a->train_epoch(epoch, 0.05).value();
    const Sums sums_b = b->train_epoch(epoch, 0.05).value();
    EXPECT_EQ(sums_a.examples, 52);
    EXPECT_NEAR(sums_a.loss, sums_b.loss, 1e-3 * sums_b.loss);
  }
  expect_near(state_of(*a), state_of(*b), 2e-4);
  const Sums eval_a = a->evaluate(Split::kTest, 2).value();
  const Sums eval_b = b->evaluate(Split::kTest, 2).value();
  EXPECT_NEAR(eval_a.loss, eval_b.loss, 1e-3 * eval_b.loss);
}

TEST_P(DeviceTest, SameBytesAgainAndAfterAResume) {
  TestRun straight_run = run(), again_run = run();
  const auto straight = open_at(place(), straight_run), again = open_at(place(), again_run);
  straight->train_epoch(0, 0.05);
  const Tensors middle = state_of(*straight);
  straight->train_epoch(1, 0.05);
  again->restore(middle, /*updates=*/4);
  again->train_epoch(1, 0.05);
  EXPECT_TRUE(same_bytes(state_of(*straight), state_of(*again)));
}

TEST_P(DeviceTest, PredictsAsThePlainForms) {
  TestRun here = run(), there = run();
  const auto a = open_at(place(), here)->predict(here.dataset.test, 0);
  const auto b = open_plain(there)->predict(there.dataset.test, 0);
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-5) << i;
}

INSTANTIATE_TEST_SUITE_P(Models, DeviceTest,
                         ::testing::Combine(::testing::ValuesIn(kPlaces),
                                            ::testing::ValuesIn(kModels)),
                         [](const auto& tested) {
                           return place_name(std::get<0>(tested.param)) +
                                  std::get<1>(tested.param).name;
                         });

class DeviceTestBf16 : public CudaHalfTest {
 protected:
  /// Products round their inputs to 8 bits of mantissa; all else stays as it is.
  static void check_near_float32(const std::vector<LayerConfig>& layers, const Dataset& dataset) {
    TestRun rounded(layers, dataset), plain(layers, dataset);
    rounded.request.training.precision = Precision::kBf16;
    const auto a = open_at(GetParam(), rounded), b = open_plain(plain);
    const Sums sums_a = a->train_epoch(0, 0.05).value(), sums_b = b->train_epoch(0, 0.05).value();
    EXPECT_NE(sums_a.loss, sums_b.loss);
    EXPECT_NEAR(sums_a.loss, sums_b.loss, 1e-2 * sums_b.loss);
    expect_near(state_of(*a), state_of(*b), 5e-2);
  }

  const AllRecorded watch;
};

TEST_P(DeviceTestBf16, TextsTrainNearFloat32) {
  check_near_float32({embedding("E", 6), recurrent("R", LayerType::kGru, 7), dense("F", 4)},
                     text_dataset());
}

TEST_P(DeviceTestBf16, NormsTrainNearFloat32) {
  check_near_float32(cnn_with_norms(), corner_dataset(52, 12));
}

TEST_P(DeviceTestBf16, ALastBatchOfOneExampleIsNormalised) {
  check_near_float32({flatten(), dense("F1", 8), layer("B", LayerType::kBatchNorm), dense("F2", 4)},
                     corner_dataset(49, 12));
}

INSTANTIATE_TEST_SUITE_P(Places, DeviceTestBf16, ::testing::Values(Place::kHostHalf, Place::kGpu),
                         [](const auto& tested) { return place_name(tested.param); });

enum class Clip { kNone, kValue, kNorm, kGlobal };
constexpr Clip kClips[] = {Clip::kNone, Clip::kValue, Clip::kNorm, Clip::kGlobal};

class DeviceTestOptimizer
    : public ::testing::TestWithParam<std::tuple<Place, OptimizerType, Clip>> {
 protected:
  void SetUp() override { NNRUN_SKIP_WITHOUT(std::get<0>(GetParam())); }

  TestRun run() const {
    const auto [place, type, clip] = GetParam();
    TestRun run({embedding("E", 6), recurrent("R", LayerType::kGru, 7), dense("F", 4)},
                text_dataset());
    run.request.optimizer = optimizer_of(type);
    run.request.optimizer.momentum = type == OptimizerType::kSgd ? 0.9 : 0;
    if (clip == Clip::kValue) run.request.optimizer.clip_value = 1e-3;
    if (clip == Clip::kNorm) run.request.optimizer.clip_norm = 0.02;
    if (clip == Clip::kGlobal) run.request.optimizer.global_clip_norm = 0.05;
    return run;
  }
};

TEST_P(DeviceTestOptimizer, UpdatesAsThePlainRules) {
  TestRun here = run(), there = run();
  const auto a = open_at(std::get<0>(GetParam()), here), b = open_plain(there);
  for (int64_t epoch = 0; epoch < 2; ++epoch) {
    a->train_epoch(epoch, 0.01);
    b->train_epoch(epoch, 0.01);
  }
  expect_near(state_of(*a), state_of(*b), 1e-3);
}

std::string case_name(const std::tuple<Place, OptimizerType, Clip>& param) {
  constexpr const char* kNames[] = {"", "Value", "Norm", "Global"};
  const auto [place, type, clip] = param;
  return place_name(place) + std::string(name_of(type)) + kNames[static_cast<int>(clip)];
}

INSTANTIATE_TEST_SUITE_P(
    Rules, DeviceTestOptimizer,
    ::testing::Combine(::testing::ValuesIn(kPlaces),
                       ::testing::Values(OptimizerType::kSgd, OptimizerType::kRmsprop,
                                         OptimizerType::kAdam, OptimizerType::kAdamw,
                                         OptimizerType::kAdagrad),
                       ::testing::ValuesIn(kClips)),
    [](const auto& tested) { return case_name(tested.param); });

/// More variables than a launch of the optimizer takes.
class DeviceTestDeep : public ::testing::TestWithParam<std::tuple<Place, Clip>> {
 protected:
  void SetUp() override { NNRUN_SKIP_WITHOUT(std::get<0>(GetParam())); }

  TestRun run() const {
    std::vector<LayerConfig> layers{flatten()};
    for (int i = 0; i < 40; ++i)
      layers.push_back(dense(std::string("F").append(std::to_string(i)), 4));
    TestRun run(layers, corner_dataset(52, 12));
    run.request.optimizer.momentum = 0.9;
    if (std::get<1>(GetParam()) == Clip::kNorm) run.request.optimizer.clip_norm = 1e-3;
    if (std::get<1>(GetParam()) == Clip::kGlobal) run.request.optimizer.global_clip_norm = 1e-3;
    return run;
  }
};

TEST_P(DeviceTestDeep, UpdatesAllVariables) {
  TestRun here = run(), there = run();
  const auto a = open_at(std::get<0>(GetParam()), here), b = open_plain(there);
  const Tensors before = state_of(*a);
  a->train_epoch(0, 0.5);
  b->train_epoch(0, 0.5);
  expect_near(state_of(*a), state_of(*b), 1e-4);
  const Tensors after = state_of(*a);
  for (const char* name : {"model/F39.bias", "model/F39.weight", "model/F38.weight"}) {
    const auto named = [&](const Tensor& tensor) { return tensor.name == name; };
    const auto then = std::ranges::find_if(before, named), now = std::ranges::find_if(after, named);
    EXPECT_NE(then->values, now->values) << name;
  }
}

std::string deep_name(const std::tuple<Place, Clip>& param) {
  const auto [place, clip] = param;
  return place_name(place) + (clip == Clip::kNorm ? "Norm" : clip == Clip::kGlobal ? "Global" : "");
}

INSTANTIATE_TEST_SUITE_P(Clips, DeviceTestDeep,
                         ::testing::Combine(::testing::ValuesIn(kPlaces),
                                            ::testing::Values(Clip::kNone, Clip::kNorm,
                                                              Clip::kGlobal)),
                         [](const auto& tested) { return deep_name(tested.param); });

class DeviceTestErrors : public ::testing::TestWithParam<Place> {
 protected:
  void SetUp() override { NNRUN_SKIP_WITHOUT(GetParam()); }
};

TEST_P(DeviceTestErrors, OutOfMemoryIsADeviceError) {
  TestRun run({flatten(), dense("F", 4)}, corner_dataset(8, 4));
  run.plan.layers[1].parameters[0].shape = {1'000'000'000, 1'000'000};
  EXPECT_THROW(open_at(GetParam(), run), DeviceError);
}

INSTANTIATE_TEST_SUITE_P(Places, DeviceTestErrors, ::testing::Values(Place::kCpu, Place::kGpu),
                         [](const auto& tested) { return place_name(tested.param); });

}  // namespace
}  // namespace nnrun
