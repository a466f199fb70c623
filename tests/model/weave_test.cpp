#include "model/cuda/weave.h"

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "host_cuda/capture.h"
#include "model/kernels/cuda/dense.h"
#include "model/kernels/cuda/dropout.h"

namespace nnrun {
namespace {

using host_cuda::Capture;

constexpr int64_t kRows = 6, kInputs = 5, kOutputs = 3;

/// A piece of a training step with all the orders that matter: work of others in front of nnrun's
/// kernels, between them and behind; two kernels one right after the other.
class SmallRun {
 public:
  explicit SmallRun(float seed) : seed_(seed) {}

  /// `other`: does with work what a captured stream does with LibTorch's.
  template <class Other>
  void queue(cudaStream_t stream, const Other& other) {
    other([this] {
      for (size_t i = 0; i < input_.size(); ++i) input_[i] = seed_ + static_cast<float>(i);
      gradient_.fill(seed_);
    });
    backward(stream);
    drop(stream);
    other([this] {
      for (float& w : weight_) w = 2 * w + seed_;
      ++steps_;
    });
    backward(stream);
  }

  std::vector<float> result() const {
    std::vector<float> all{steps_};
    for (const auto* values : {&input_gradient_, &input_})
      all.insert(all.end(), values->begin(), values->end());
    all.insert(all.end(), weight_.begin(), weight_.end());
    return all;
  }

 private:
  void backward(cudaStream_t stream) {
    const NnrunDense job{input_.data(),
                         weight_.data(),
                         gradient_.data(),
                         kRows,
                         kInputs,
                         kOutputs,
                         input_gradient_.data(),
                         weight_gradient_.data(),
                         bias_gradient_.data()};
    TORCH_CHECK(nnrun_cuda_dense_backward(&job, stream) == nullptr, "no launch");
  }

  /// Of the weight's gradient, into the weights.
  void drop(cudaStream_t stream) {
    const auto key = static_cast<uint32_t>(seed_);
    const NnrunDropout job{weight_gradient_.data(),
                           weight_.data(),
                           kOutputs * kInputs,
                           {key, key},
                           /*step=*/1,
                           &epoch_,
                           /*threshold=*/1U << 23,
                           /*kept=*/2};
    TORCH_CHECK(nnrun_cuda_dropout(&job, stream) == nullptr, "no launch");
  }

  float seed_, steps_ = 0;
  int32_t epoch_ = 3;
  std::array<float, kRows * kInputs> input_{}, input_gradient_{};
  std::array<float, kOutputs * kInputs> weight_{}, weight_gradient_{};
  std::array<float, kRows * kOutputs> gradient_{};
  std::array<float, kOutputs> bias_gradient_{};
};

std::vector<std::vector<float>> alone(size_t runs, int epochs) {
  std::vector<std::vector<float>> results;
  for (size_t i = 0; i < runs; ++i) {
    SmallRun run(static_cast<float>(i + 1));
    for (int e = 0; e < epochs; ++e) run.queue(nullptr, [](const auto& work) { work(); });
    results.push_back(run.result());
  }
  return results;
}

class WeaveTest : public testing::TestWithParam<size_t> {};

TEST_P(WeaveTest, RunsTogetherAreWhatTheyAreAlone) {
  const size_t count = GetParam();
  std::vector<SmallRun> runs;
  for (size_t i = 0; i < count; ++i) runs.emplace_back(static_cast<float>(i + 1));
  Capture capture;
  Weave weave(static_cast<int32_t>(count));
  for (size_t i = 0; i < count; ++i) {
    const cudaStream_t stream = Capture::stream(i);
    weave.add_run(stream, [&] {
      runs[i].queue(stream, [&](const auto& work) { capture.queue(stream, work); });
    });
  }
  weave.finish();
  EXPECT_EQ(capture.kernels(), 3U);
  constexpr int kEpochs = 20;
  for (unsigned e = 0; e < kEpochs; ++e) capture.replay(e);
  const auto expected = alone(count, kEpochs);
  for (size_t i = 0; i < count; ++i) EXPECT_EQ(runs[i].result(), expected[i]) << "run " << i;
}

INSTANTIATE_TEST_SUITE_P(Runs, WeaveTest, testing::Values(1, 2, 3, kNnrunTogether),
                         testing::PrintToStringParamName());

/// Adds a run with a dense layer of so many rows, and as many times.
void add_dense(Weave& weave, size_t stream, int64_t rows, int times) {
  std::array<float, 8> any{};
  const NnrunDense job{any.data(), any.data(), any.data(), rows,      1,
                       1,          any.data(), any.data(), any.data()};
  weave.add_run(Capture::stream(stream), [&] {
    for (int i = 0; i < times; ++i) {
      const char* const problem = nnrun_cuda_dense_backward(&job, Capture::stream(stream));
      TORCH_CHECK(problem == nullptr, problem);
    }
  });
}

TEST(WeaveTestErrors, RunsThatDifferAreRefused) {
  for (const auto& [rows, times] : {std::pair{1000, 2}, {1, 1}, {1, 3}}) {
    const Capture capture;
    Weave weave(2);
    add_dense(weave, 0, 1, 2);
    EXPECT_THROW(add_dense(weave, 1, rows, times), c10::Error) << rows << " rows, " << times;
  }
}

TEST(WeaveTestErrors, NothingIsSharedOutsideOfACapture) {
  Weave weave(1);
  EXPECT_THROW(add_dense(weave, 0, 1, 1), c10::Error);
}

TEST(WeaveTestErrors, ALaunchServesNoMoreThanItCanHold) {
  EXPECT_THROW(Weave(kNnrunTogether + 1), c10::Error);
}

TEST(WeaveTestErrors, AllRunsHaveToCome) {
  const Capture capture;
  Weave weave(2);
  add_dense(weave, 0, 1, 1);
  EXPECT_THROW(weave.finish(), c10::Error);
}

/// The launches are the GPU's again, also where the work failed.
TEST(WeaveTestErrors, DivertsOnlyWhileARunIsAdded) {
  std::array<float, 4> any{1, 1, 1, 1};
  const NnrunDense job{&any[0], &any[1], &any[2], 1, 1, 1, nullptr, &any[3], &any[3]};
  Weave weave(1);
  EXPECT_THROW(weave.add_run(nullptr, [] { TORCH_CHECK(false, "no"); }), c10::Error);
  EXPECT_EQ(nnrun_cuda_dense_backward(&job, nullptr), nullptr);
}

}  // namespace
}  // namespace nnrun
