#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <numeric>

#include "model/model_fixture.h"
#include "model/precision_scope.h"
#include "nnrun/error.h"
#include "nnrun/stop.h"

namespace nnrun {
namespace {

using namespace testing;

TestRun cnn_run() { return TestRun(small_cnn(), corner_dataset(100, 40)); }

TEST(SessionTestTraining, LearnsAndCountsEveryExample) {
  TestRun run = cnn_run();
  run.request.optimizer.momentum = 0.9;
  const auto session = run.open();
  const Sums first = session->train_epoch(0, 0.05).value();
  Sums last;
  for (int64_t epoch = 1; epoch < 12; ++epoch) last = session->train_epoch(epoch, 0.05).value();
  EXPECT_EQ(first.examples, 100);  // six full batches of 16 and one of 4
  EXPECT_NEAR(first.loss / 100, std::log(4.0), 0.5);
  EXPECT_TRUE(last.finite);
  EXPECT_LT(last.loss / 100, 0.3);
  EXPECT_GT(session->evaluate(Split::kTest, 11)->correct, 36);
}

TEST(SessionTestTraining, DropsTheLastPartialBatchWhenAsked) {
  TestRun run = cnn_run();
  run.request.training.drop_last = true;
  EXPECT_EQ(run.open()->train_epoch(0, 0.05)->examples, 96);
}

TEST(SessionTestTraining, SameSeedSameBytes) {
  TestRun run = cnn_run();
  const auto a = run.open(), b = run.open();
  const Sums sums_a = a->train_epoch(0, 0.05).value(), sums_b = b->train_epoch(0, 0.05).value();
  EXPECT_EQ(sums_a.loss, sums_b.loss);
  EXPECT_TRUE(same_bytes(state_of(*a), state_of(*b)));
}

TEST(SessionTestTraining, OrderDependsOnSeedAndEpoch) {
  TestRun run = cnn_run();
  const auto first = run.open(), second = run.open();
  first->train_epoch(0, 0.05);
  second->train_epoch(1, 0.05);
  EXPECT_FALSE(same_bytes(state_of(*first), state_of(*second)));
  run.request.seed = 8;
  const auto other = run.open();
  other->train_epoch(0, 0.05);
  EXPECT_FALSE(same_bytes(state_of(*first), state_of(*other)));
}

TEST(SessionTestTraining, NonFiniteLossEndsThePass) {
  TestRun run = cnn_run();
  const auto session = run.open();
  Tensors broken = some_weights(run.plan);
  for (Tensor& tensor : broken) std::fill(tensor.values.begin(), tensor.values.end(), 1e30F);
  session->restore(broken, 0);
  const Sums sums = session->train_epoch(0, 0.05).value();
  EXPECT_FALSE(sums.finite);
  EXPECT_FALSE(std::isfinite(sums.loss));
  EXPECT_EQ(sums.examples, 16);
}

TEST(SessionTestTraining, NonFiniteLossGoesOnWhenAsked) {
  TestRun run = cnn_run();
  run.request.training.on_nonfinite = OnNonfinite::kContinue;
  const auto session = run.open();
  Tensors broken = some_weights(run.plan);
  for (Tensor& tensor : broken) std::fill(tensor.values.begin(), tensor.values.end(), 1e30F);
  session->restore(broken, 0);
  const Sums sums = session->train_epoch(0, 0.05).value();
  EXPECT_FALSE(sums.finite);
  EXPECT_EQ(sums.examples, 100);
}

TEST(SessionTestTraining, ProfileSplitsTheStep) {
  TestRun run = cnn_run();
  const PhaseTimes times = run.open()->profile(3);
  EXPECT_EQ(times.steps, 3);
  for (const double seconds :
       {times.input, times.forward, times.loss, times.backward, times.optimizer}) {
    EXPECT_GT(seconds, 0);
  }
}

class SessionTestResume : public ::testing::TestWithParam<OptimizerConfig> {};

TEST_P(SessionTestResume, EqualsTheStraightRun) {
  TestRun run = cnn_run();
  run.request.optimizer = GetParam();
  const auto straight = run.open();
  straight->train_epoch(0, 0.01);
  const Tensors middle = state_of(*straight);
  straight->train_epoch(1, 0.01);

  const auto resumed = run.open();
  resumed->restore(middle, /*updates=*/7);
  resumed->train_epoch(1, 0.01);
  EXPECT_TRUE(same_bytes(state_of(*straight), state_of(*resumed)));
}

OptimizerConfig optimizer(OptimizerType type, double momentum = 0) {
  OptimizerConfig config;
  config.type = type;
  config.momentum = momentum;
  return config;
}

INSTANTIATE_TEST_SUITE_P(
    Optimizers, SessionTestResume,
    ::testing::Values(optimizer(OptimizerType::kSgd), optimizer(OptimizerType::kSgd, 0.9),
                      optimizer(OptimizerType::kRmsprop), optimizer(OptimizerType::kRmsprop, 0.9),
                      optimizer(OptimizerType::kAdam), optimizer(OptimizerType::kAdamw),
                      optimizer(OptimizerType::kAdagrad)));

TEST(SessionTestState, NamesAndOrderOfACheckpoint) {
  TestRun run({flatten(), dense("F", 4)}, corner_dataset(20, 4));
  run.request.optimizer.type = OptimizerType::kAdam;
  std::vector<std::string> names;
  const auto session = run.open();
  for (const Tensor& tensor : state_of(*session)) names.push_back(tensor.name);
  const std::vector<std::string> expected{"model/F.bias",       "model/F.weight",
                                          "optimizer/m/F.bias", "optimizer/m/F.weight",
                                          "optimizer/v/F.bias", "optimizer/v/F.weight"};
  EXPECT_EQ(names, expected);
}

TEST(SessionTestState, MarkKeepsThatMoment) {
  TestRun run = cnn_run();
  const auto session = run.open();
  const Tensors before = state_of(*session);
  session->train_epoch(0, 0.05);
  EXPECT_TRUE(same_bytes(session->state(Mark::kLast), before));
}

TEST(SessionTestState, MarksDoNotDisturbEachOther) {
  TestRun run = cnn_run();
  run.request.optimizer.momentum = 0.9;
  const auto session = run.open();
  for (const Mark mark : {Mark::kBest, Mark::kStopping, Mark::kLast}) {
    session->mark(mark);
    session->train_epoch(0, 0.05);
  }
  const Tensors best = session->state(Mark::kBest), stopping = session->state(Mark::kStopping);
  const Tensors last = session->state(Mark::kLast);
  ASSERT_EQ(best.size(), run.plan.all_parameters().size());  // no slots
  ASSERT_EQ(stopping.size(), best.size());
  ASSERT_EQ(last.size(), 2 * best.size());
  const auto untrained = run.open();
  untrained->mark(Mark::kStopping);
  EXPECT_TRUE(same_bytes(best, untrained->state(Mark::kStopping)));
  EXPECT_NE(best[0].values, stopping[0].values);
  EXPECT_NE(stopping[0].values, last[0].values);
}

TEST(SessionTestState, RestoreRefusesWhatTheModelHasNot) {
  TestRun run = cnn_run();
  const auto session = run.open();
  EXPECT_THROW(session->restore({{"C9.weight", {1}, {0}}}, 0), StoreError);
  EXPECT_THROW(session->restore({{"optimizer/m/C1.weight", {1}, {0}}}, 0), StoreError);
}

TEST(SessionTestInference, EvaluationChangesNothing) {
  TestRun run = cnn_run();
  const auto session = run.open();
  const Tensors before = state_of(*session);
  const Sums sums = session->evaluate(Split::kTest, 0).value();
  EXPECT_EQ(sums.examples, 40);
  EXPECT_TRUE(same_bytes(state_of(*session), before));
}

TEST(SessionTestInference, ProbabilitiesAgreeWithTheLoss) {
  TestRun run = cnn_run();
  const auto session = run.open();
  const std::vector<float> p = session->predict(run.dataset.test, /*epoch=*/0);
  ASSERT_EQ(p.size(), 40U * 4U);
  double loss = 0;
  for (size_t i = 0; i < 40; ++i) {
    EXPECT_NEAR(std::accumulate(p.begin() + 4 * static_cast<int64_t>(i),
                                p.begin() + 4 * static_cast<int64_t>(i + 1), 0.0),
                1, 1e-6);
    loss -= std::log(double{p[4 * i + static_cast<size_t>(run.dataset.test.labels[i])]});
  }
  EXPECT_NEAR(session->evaluate(Split::kTest, 0)->loss, loss, 1e-4);
}

TEST(SessionTestInference, PredictionsWithoutProbabilitiesStayInTheirPlace) {
  TestRun run = cnn_run();
  const auto session = run.open();
  session->restore({{"F4.bias", {4}, {0, 1, INFINITY, 2}}}, /*updates=*/0);
  const std::vector<float> p = session->predict(run.dataset.test, /*epoch=*/0);
  for (size_t i = 0; i < 40; ++i) {
    EXPECT_TRUE(std::isnan(p[4 * i + 2]));
    for (const size_t other : {0, 1, 3}) EXPECT_EQ(p[4 * i + other], 0);
  }
}

TEST(SessionTestInference, ActivationsOfNamedLayers) {
  TestRun run = cnn_run();
  const auto outputs = run.open()->activations(run.dataset.test, {"S1", "C1"});
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs[0].layer, "S1");
  EXPECT_EQ(outputs[0].shape.dims, (std::vector<int64_t>{6, 4, 4}));
  EXPECT_EQ(outputs[1].shape.dims, (std::vector<int64_t>{6, 8, 8}));
  ASSERT_EQ(outputs[1].values.size(), 40U * 6U * 64U);
  const std::vector<float>& pooled = outputs[0].values;
  const std::vector<float>& map = outputs[1].values;
  EXPECT_EQ(pooled[0], std::max({map[0], map[1], map[8], map[9]}));
  EXPECT_GE(*std::min_element(map.begin(), map.end()), 0);  // after relu
}

TEST(SessionTestInference, NormalizeShiftsAndScalesTheChannels) {
  TestRun run({flatten(), dense("F", 4)}, corner_dataset(8, 4));
  const auto plain = run.open()->activations(run.dataset.test, {"flat"})[0].values;
  run.dataset.mean = {0.5, 0.25, 0};
  run.dataset.std = {0.5, 2, 1};
  const auto shifted = run.open()->activations(run.dataset.test, {"flat"})[0].values;
  EXPECT_EQ(plain[0], static_cast<float>(run.dataset.test.pixels[0]) / 255.0F);
  EXPECT_FLOAT_EQ(shifted[0], (plain[0] - 0.5F) / 0.5F);
  EXPECT_FLOAT_EQ(shifted[144], (plain[144] - 0.25F) / 2);
  EXPECT_FLOAT_EQ(shifted[288], plain[288]);
}

TEST(SessionTestErrors, CudaWithoutADeviceSaysWhy) {
  if (!nnrun_engine_create_v1()->info().cuda_devices.empty()) GTEST_SKIP() << "there is a GPU";
  TestRun run = cnn_run();
  run.request.device.kind = DeviceKind::kCuda;
  try {
    run.open();
    FAIL() << "opened a session without a device";
  } catch (const DeviceError& error) {
    EXPECT_STREQ(error.what(), "no CUDA device: LibTorch's CUDA half is not loaded");
  }
}

TEST(SessionTestErrors, LowPrecisionNeedsCuda) {
  TestRun run = cnn_run();
  run.request.training.precision = Precision::kTf32;
  EXPECT_THROW(run.open(), DeviceError);
}

TEST(SessionTestPrecision, Float32IsNeverRounded) {
  TestRun run = cnn_run();
  at::globalContext().setAllowTF32CuDNN(true);
  at::globalContext().setBenchmarkCuDNN(true);
  run.open();
  EXPECT_FALSE(at::globalContext().allowTF32CuBLAS());
  EXPECT_FALSE(at::globalContext().allowTF32CuDNN());
  EXPECT_FALSE(at::globalContext().benchmarkCuDNN());
}

TEST(SessionTestPrecision, Bf16RoundsProductsNotWeights) {
  const at::Tensor x = at::ones({2, 3}), weight = at::ones({4, 3}).set_requires_grad(true);
  at::Tensor y;
  {
    const PrecisionScope scope(Precision::kBf16, at::kCPU);
    y = at::linear(x, weight);
  }
  EXPECT_EQ(y.scalar_type(), at::kBFloat16);
  EXPECT_EQ(torch::autograd::grad({y.sum()}, {weight})[0].scalar_type(), at::kFloat);
  EXPECT_EQ(at::linear(x, weight).scalar_type(), at::kFloat);
  const PrecisionScope off(Precision::kFloat32, at::kCPU);
  EXPECT_EQ(at::linear(x, weight).scalar_type(), at::kFloat);
}

TEST(SessionTestErrors, FailedAllocationIsADeviceError) {
  TestRun run({flatten(), dense("F", 4)}, corner_dataset(8, 4));
  run.plan.layers[1].parameters[0].shape = {1'000'000'000, 1'000'000};
  EXPECT_THROW(run.open(), DeviceError);
}

TEST(SessionTestErrors, OtherErrorsOfLibTorchAreOneLine) {
  TestRun run({flatten(), dense("F", 4)}, corner_dataset(8, 4));
  run.plan.layers[1].parameters[0].shape = {4, 5};
  const auto session = run.open();
  try {
    session->train_epoch(0, 0.1);
    FAIL() << "shapes that do not fit were multiplied";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kBug);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
}

TEST(SessionTestStop, ASignalEndsThePass) {
  TestRun run = cnn_run();
  const auto session = run.open();
  request_stop(SIGTERM);
  EXPECT_FALSE(session->train_epoch(0, 0.05).has_value());
  EXPECT_FALSE(session->evaluate(Split::kTest, 0).has_value());
  request_stop(0);
  EXPECT_TRUE(session->train_epoch(0, 0.05).has_value());
}

TEST(SessionTestEngine, InfoNamesVersionAndBlas) {
  const EngineInfo info = nnrun_engine_create_v1()->info();
  EXPECT_TRUE(info.torch_version.starts_with("2.11"));
  EXPECT_NE(info.blas.find("libtorch_cpu"), std::string::npos) << info.blas;
  EXPECT_FALSE(info.cpu_capability.empty());
}

}  // namespace
}  // namespace nnrun
