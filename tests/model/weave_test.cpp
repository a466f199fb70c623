#include "model/cuda/weave.h"

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "host_cuda/capture.h"
#include "model/kernels/cuda/dense.h"
#include "model/kernels/cuda/dropout.h"
#include "model/kernels/cuda/gather.h"

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
      gradient_.fill(seed_ + steps_);
      ++epoch_;
    });
    backward(stream);
    drop(stream);
    other([this] {
      for (float& w : weight_) w = 2 * w + seed_;
      ++steps_;
    });
    backward(stream);
    other([this] { last_ = input_gradient_[0] + bias_gradient_[0]; });
  }

  std::vector<float> result() const {
    std::vector<float> all{steps_, last_};
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

  float seed_, steps_ = 0, last_ = 0;
  int32_t epoch_ = 3;
  std::array<float, kRows * kInputs> input_{}, input_gradient_{};
  std::array<float, kOutputs * kInputs> weight_{}, weight_gradient_{};
  std::array<float, kRows * kOutputs> gradient_{};
  std::array<float, kOutputs> bias_gradient_{};
};

class WeaveTest : public testing::TestWithParam<size_t> {};

TEST_P(WeaveTest, RunsTogetherAreWhatTheyAreAlone) {
  const size_t count = GetParam();
  std::vector<SmallRun> runs, alone;
  for (size_t i = 0; i < count; ++i) runs.emplace_back(static_cast<float>(i + 1));
  alone = runs;
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
  for (unsigned epoch = 0; epoch < 20; ++epoch) {
    capture.replay(/*seed=*/epoch);
    for (size_t i = 0; i < count; ++i) {
      alone[i].queue(nullptr, [](const auto& work) { work(); });
      EXPECT_EQ(runs[i].result(), alone[i].result()) << "run " << i << ", epoch " << epoch;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Runs, WeaveTest, testing::Values(1, 2, 3, kNnrunTogether),
                         testing::PrintToStringParamName());

using Launch = const char* (*)(cudaStream_t stream);

template <int64_t kLayerRows>
const char* dense(cudaStream_t stream) {
  static std::array<float, 8> any{};
  const NnrunDense job{any.data(), any.data(), any.data(), kLayerRows, 1,
                       1,          any.data(), any.data(), any.data()};
  return nnrun_cuda_dense_backward(&job, stream);
}

/// As many blocks as dense<1> has.
const char* dropout(cudaStream_t stream) {
  static std::array<float, 8> any{};
  static const int32_t epoch = 0;
  const NnrunDropout job{any.data(), any.data(), 5000 / 4, {1, 2}, 0, &epoch, 1, 1};
  return nnrun_cuda_dropout(&job, stream);
}

template <int64_t kEntries>
const char* gather(cudaStream_t stream) {
  NnrunGather job{};
  job.count = 1;
  job.entries = kEntries;
  return nnrun_cuda_gather(&job, stream);
}

void add(Weave& weave, size_t index, const std::vector<Launch>& launches) {
  const cudaStream_t stream = Capture::stream(index);
  weave.add_run(stream, [&] {
    for (const Launch launch : launches) {
      const char* const problem = launch(stream);
      TORCH_CHECK(problem == nullptr, problem);
    }
  });
}

TEST(WeaveTestErrors, RunsThatDifferAreRefused) {
  const std::vector<Launch> first{dense<1>, gather<1>};
  const std::vector<Launch> others[] = {{dense<1>},
                                        {dense<1>, gather<1>, gather<1>},
                                        {dense<1000>, gather<1>},
                                        {dense<1>, gather<100000>},
                                        {dropout, gather<1>}};
  for (const auto& other : others) {
    const Capture capture;
    Weave weave(2);
    add(weave, 0, first);
    EXPECT_THROW(add(weave, 1, other), c10::Error) << &other - others;
  }
}

TEST(WeaveTestErrors, NothingIsSharedOutsideOfACapture) {
  Weave weave(1);
  EXPECT_THROW(add(weave, 0, {dense<1>}), c10::Error);
}

TEST(WeaveTestErrors, ALaunchServesNoMoreThanItCanHold) {
  EXPECT_THROW(Weave(kNnrunTogether + 1), c10::Error);
}

TEST(WeaveTestErrors, AllRunsHaveToCome) {
  const Capture capture;
  Weave weave(2);
  add(weave, 0, {dense<1>});
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
