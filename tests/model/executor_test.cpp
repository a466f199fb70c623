#include "model/executor.h"

#include <ATen/record_function.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <csignal>
#include <utility>

#include "model/devices.h"
#include "nnrun/stop.h"

namespace nnrun {
namespace {

using namespace testing;

TEST(ExecutorTestEager, StopsAtASignalAndWhereAStepSaysSo) {
  EagerExecutor eager;
  const Executed cut = eager.run(5, [](int64_t step) { return step < 2; });
  EXPECT_EQ(cut.steps, 3);
  EXPECT_FALSE(cut.stopped);
  request_stop(SIGTERM);
  const Executed stopped = eager.run(5, [](int64_t) { return true; });
  request_stop(0);
  EXPECT_EQ(stopped.steps, 0);
  EXPECT_TRUE(stopped.stopped);
}

TEST(ExecutorTestEager, ItsFirstPassWarmsUp) {
  RunDouble gpu;
  EagerExecutor eager(&gpu);
  for (int pass = 0; pass < 3; ++pass)
    EXPECT_EQ(eager.run(4, [](int64_t) { return true; }).steps, 4);
  EXPECT_EQ(gpu.warm_ups, 1);
}

TEST(ExecutorTestGraph, RecordsOnceAndReplaysEveryPass) {
  RunDouble gpu;
  const at::Tensor sum = at::zeros({1});
  GraphExecutor executor({gpu, {sum}, /*steps_per_recording=*/3});
  const auto step = [&](int64_t i) {
    sum.add_(i + 1);
    return true;
  };
  for (int pass = 0; pass < 2; ++pass) {
    const Executed done = executor.run(7, step);
    EXPECT_EQ(done.steps, 7);
    EXPECT_FALSE(done.stopped);
  }
  EXPECT_EQ(sum.item<float>(), 2 * 28);  // warming up left nothing behind
  EXPECT_EQ(gpu.recorded, 3);            // steps 0-2, 3-5, 6
  EXPECT_EQ(gpu.replayed, 6);
  executor.run(2, step);
  EXPECT_EQ(gpu.recorded, 4);  // another number of steps is another recording
}

TEST(ExecutorTestGraph, HeedsASignalBetweenRecordings) {
  RunDouble gpu;
  int64_t ran = 0;
  GraphExecutor executor({gpu, {}, /*steps_per_recording=*/2});
  const auto step = [&](int64_t) {
    ++ran;
    return true;
  };
  executor.run(6, step);
  ran = 0;
  gpu.stop_at_wait = true;
  const Executed done = executor.run(6, step);
  request_stop(0);
  EXPECT_TRUE(done.stopped);
  EXPECT_EQ(done.steps, 2);
  EXPECT_EQ(ran, 2);
}

/// The second of three recordings has lost its company: nothing is done twice, nothing left out.
TEST(ExecutorTestGraph, RecordsAnewWhereItsCompanyHasEnded) {
  for (const bool can_record : {true, false}) {
    RunDouble gpu;
    const at::Tensor sum = at::zeros({1});
    GraphExecutor executor({gpu, {sum}, /*steps_per_recording=*/3});
    const auto step = [&](int64_t i) { return sum.mul_(2).add_(i), true; };
    executor.run(7, step);
    gpu.loses_company_at = 2;
    gpu.refuses = !can_record;
    const Executed done = executor.run(7, step);
    EXPECT_EQ(done.steps, 7);
    EXPECT_FALSE(done.stopped);
    const float once = 120;  // of 7 steps: the sum of i 2^(6 - i)
    EXPECT_EQ(sum.item<float>(), once * (1 << 7) + once);
    EXPECT_EQ(gpu.recorded, can_record ? 6 : 3);
  }
}

TEST(ExecutorTestGraph, DoesNotRecordAnewWhenItIsToStop) {
  RunDouble gpu;
  int64_t ran = 0;
  GraphExecutor executor({gpu, {}, /*steps_per_recording=*/100});
  const auto step = [&](int64_t) { return ++ran, true; };
  executor.run(6, step);
  ran = 0;
  gpu.loses_company_at = 1;
  gpu.stop_at_loss = true;
  const Executed done = executor.run(6, step);
  request_stop(0);
  EXPECT_TRUE(done.stopped);
  EXPECT_EQ(done.steps, 0);
  EXPECT_EQ(ran, 0);
}

TEST(ExecutorTestGraph, GoesOnOneByOneWhenNothingCanBeRecorded) {
  RunDouble gpu;
  gpu.refuses = true;
  const at::Tensor sum = at::zeros({1});
  GraphExecutor executor({gpu, {sum}, /*steps_per_recording=*/100});
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(executor.run(4, [&](int64_t) { return sum.add_(1), true; }).steps, 4);
  }
  EXPECT_EQ(sum.item<float>(), 8);
  EXPECT_EQ(executor.problem(), "waits for the device");
}

TEST(ExecutorTestGraph, TestsNoticeWhenNothingCanBeRecorded) {
  RunDouble gpu;
  gpu.refuses = true;
  EXPECT_NONFATAL_FAILURE(
      {
        const AllRecorded watch;
        GraphExecutor({gpu, {}, /*steps_per_recording=*/100}).run(4, [](int64_t) { return true; });
      },
      "one by one");
}

TEST(ExecutorTestGraph, WhatCannotBeDoneAtAllIsAnError) {
  RunDouble gpu;
  GraphExecutor executor({gpu, {}, /*steps_per_recording=*/100});
  const auto fail = [](int64_t) -> bool { TORCH_CHECK(false, "out of memory"); };
  EXPECT_THROW(executor.run(4, fail), c10::Error);
  EXPECT_EQ(gpu.recorded, 0);
  EXPECT_EQ(executor.problem(), "");
}

std::vector<LayerConfig> cnn_with_dropout() {
  auto layers = small_cnn();
  LayerConfig dropout = layer("D", LayerType::kDropout);
  dropout.rate = 0.5;
  dropout.in_evaluation = true;
  layers.insert(layers.end() - 1, dropout);
  layers.insert(layers.begin() + 1, layer("B", LayerType::kBatchNorm));
  return layers;
}

/// A run that counts its recordings.
class CountingRun final : public GpuRun {
 public:
  explicit CountingRun(std::unique_ptr<GpuRun> run) : run_(std::move(run)) {}
  void on_stream(const std::function<void()>& work) override { run_->on_stream(work); }
  void warm_up(const std::function<void()>& work) override { run_->warm_up(work); }
  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    auto recording = run_->record(work);
    ++recorded;
    return recording;
  }
  void wait() override { run_->wait(); }

  int recorded = 0;

 private:
  std::unique_ptr<GpuRun> run_;
};

/// Sessions of the same request with the CUDA half's parts: one by one, and by recordings.
class ExecutorTestSession : public ::testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    NNRUN_SKIP_WITHOUT(GetParam());
    request.plan = &run.plan;
    request.dataset = &run.dataset;
    request.optimizer.type = OptimizerType::kAdam;
    if (GetParam() == Place::kGpu) device = at::Device(at::kCUDA, 0);
    half = half_at(GetParam());
    ASSERT_NE(half, nullptr) << cuda_half_problem();
    at::globalContext().setDeterministicCuDNN(true);  // as the engine does: equal runs, equal bits
    gpu = std::make_unique<CountingRun>(half->open_run(device, /*company=*/nullptr));
  }

  std::unique_ptr<TrainingSession> open(GpuRun* recorder) {
    auto session = std::make_unique<TrainingSession>(request, device, GpuParts{half, recorder});
    session->restore(some_weights(run.plan), 0);
    return session;
  }

  TestRun run{cnn_with_dropout(), corner_dataset(52, 12)};
  SessionRequest request = run.request;
  at::Device device = at::kCPU;
  const CudaHalf* half = nullptr;
  std::unique_ptr<CountingRun> gpu;
};

TEST_P(ExecutorTestSession, RecordedEpochsEqualEagerOnes) {
  gpu->on_stream([&] {
    const auto eager = open(nullptr), recorded = open(gpu.get());
    for (int64_t epoch = 0; epoch < 3; ++epoch) {
      const Sums a = eager->train_epoch(epoch, 0.01).value();
      const Sums b = recorded->train_epoch(epoch, 0.01).value();
      EXPECT_EQ(a.loss, b.loss);
      EXPECT_EQ(a.correct, b.correct);
      EXPECT_EQ(b.examples, 52);
      EXPECT_TRUE(same_bytes(state_of(*eager), state_of(*recorded))) << "epoch " << epoch;
    }
  });
  EXPECT_EQ(gpu->recorded, 1);
}

TEST_P(ExecutorTestSession, RecordedEvaluationsEqualEagerOnes) {
  request.training.batch_size = 5;
  gpu->on_stream([&] {
    const auto eager = open(nullptr), recorded = open(gpu.get());
    for (int64_t epoch = 0; epoch < 3; ++epoch) {
      for (const Split split : {Split::kTest, Split::kTrain}) {
        const Sums a = eager->evaluate(split, epoch).value();
        const Sums b = recorded->evaluate(split, epoch).value();
        EXPECT_EQ(a.loss, b.loss) << "epoch " << epoch;
        EXPECT_EQ(a.correct, b.correct);
        EXPECT_EQ(a.examples, b.examples);
      }
      eager->train_epoch(epoch, 0.01);
      recorded->train_epoch(epoch, 0.01);
    }
  });
  EXPECT_EQ(gpu->recorded, 3);  // both splits, the epoch
}

TEST(ExecutorTestEvaluation, IsRecordedOncePerSplit) {
  RunDouble recorder;
  TestRun run(cnn_with_dropout(), corner_dataset(52, 12));
  run.request.plan = &run.plan;
  run.request.dataset = &run.dataset;
  TrainingSession session(run.request, at::kCPU, GpuParts{&host_half(), &recorder});
  session.restore(some_weights(run.plan), 0);
  const double first = session.evaluate(Split::kTest, 0)->loss;
  session.evaluate(Split::kTrain, 0);
  EXPECT_EQ(recorder.recorded, 2);
  EXPECT_EQ(recorder.replayed, 2);
  EXPECT_EQ(session.evaluate(Split::kTest, 0)->loss, first);
  EXPECT_NE(session.evaluate(Split::kTest, 1)->loss, first);  // other dropout masks
  EXPECT_EQ(recorder.recorded, 2);
  EXPECT_EQ(recorder.replayed, 4);
}

TEST_P(ExecutorTestSession, LearningRatesTakeEffectInRecordings) {
  gpu->on_stream([&] {
    const auto eager = open(nullptr), recorded = open(gpu.get());
    for (const double rate : {0.01, 0.002, 0.03}) {
      eager->train_epoch(0, rate);
      recorded->train_epoch(0, rate);
    }
    EXPECT_TRUE(same_bytes(state_of(*eager), state_of(*recorded)));
  });
  EXPECT_EQ(gpu->recorded, 1);
}

INSTANTIATE_TEST_SUITE_P(Places, ExecutorTestSession,
                         ::testing::Values(Place::kHostHalf, Place::kGpu),
                         [](const auto& tested) { return place_name(tested.param); });

TEST(ExecutorTestBags, AreRecordedToo) {
  RunDouble recorder;
  TestRun run({with_units("E", LayerType::kEmbeddingBag, 6), dense("F", 4)}, text_dataset(2));
  run.request.plan = &run.plan;
  run.request.dataset = &run.dataset;
  TrainingSession session(run.request, at::kCPU, GpuParts{&host_half(), &recorder});
  session.restore(some_weights(run.plan), 0);
  session.train_epoch(0, 0.05);
  session.train_epoch(1, 0.05);
  EXPECT_EQ(recorder.recorded, 1);
  EXPECT_EQ(recorder.replayed, 2);
}

/// Counts the reads of single numbers, which make the host wait for a GPU.
class ReadCounter {
 public:
  ReadCounter() : handle_(at::addGlobalCallback(at::RecordFunctionCallback(count))) { reads = 0; }
  ~ReadCounter() { at::removeCallback(handle_); }
  static inline int reads = 0;

 private:
  static std::unique_ptr<at::ObserverContext> count(const at::RecordFunction& function) {
    if (std::string(function.name()) == "aten::_local_scalar_dense") ++reads;
    return nullptr;
  }
  at::CallbackHandle handle_;
};

TEST(ExecutorTestSteps, NoStepReadsFromTheDevice) {
  TestRun run(cnn_with_dropout(), corner_dataset(52, 12));
  run.request.training.on_nonfinite = OnNonfinite::kContinue;  // as on a GPU, where no step asks
  run.request.training.kernels = Kernels::kReference;
  run.request.optimizer.global_clip_norm = 1;
  const auto session = run.open();
  session->train_epoch(0, 0.01);
  const ReadCounter counter;
  session->train_epoch(1, 0.01);
  EXPECT_LE(ReadCounter::reads, 2);  // the epoch's sums, at its end
}

}  // namespace
}  // namespace nnrun
