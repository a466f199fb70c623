#include <gtest/gtest.h>

#include <thread>
#include <tuple>

#include "host_cuda/host_cuda.h"
#include "model/cuda/kernel_call.h"
#include "model/devices.h"
#include "model/kernels/cuda/together.h"
#include "model/model_table.h"

/// Sessions that differ in the seed alone and share launches. On a GPU the engine weaves one graph
/// of them (weave_test.cpp); on the host the threads of the sessions meet at every launch.
namespace nnrun {
namespace {

using namespace testing;

constexpr size_t kRuns = 3;

/// While it lives, this thread's launches wait for those of the company's other threads.
class MeetingLaunches {
 public:
  explicit MeetingLaunches(Company& company) : company_(company) {
    nnrun_cuda_divert(current_stream(), &diversion_);
  }
  ~MeetingLaunches() { nnrun_cuda_divert(current_stream(), nullptr); }
  MeetingLaunches(const MeetingLaunches&) = delete;
  MeetingLaunches& operator=(const MeetingLaunches&) = delete;

  int64_t led = 0;  ///< launches of this thread for all

 private:
  static const NnrunLaunch& launch_of(void* offer) { return *static_cast<NnrunLaunch*>(offer); }

  bool start(const std::vector<void*>& offers) {
    ++led;
    const NnrunLaunch& first = launch_of(offers[0]);
    std::vector<const void*> jobs;
    for (void* const offer : offers) {
      const NnrunLaunch& launch = launch_of(offer);
      if (launch.start != first.start || launch.blocks_x != first.blocks_x ||
          launch.blocks_y != first.blocks_y)
        return false;
      jobs.push_back(launch.job);
    }
    const auto count = static_cast<int32_t>(jobs.size());
    return first.start(&first, jobs.data(), count, /*stream=*/nullptr) == nullptr;
  }

  static const char* take(void* self, const NnrunLaunch* launch) {
    auto& mine = *static_cast<MeetingLaunches*>(self);
    NnrunLaunch offer = *launch;
    const bool met =
        mine.company_.meet(&offer, [&](const auto& offers) { return mine.start(offers); });
    return met ? nullptr : "the runs launch different kernels";
  }

  Company& company_;
  const NnrunDiversion diversion_{this, take};
};

struct Trained {
  Tensors state;
  double loss = 0;
  int64_t launches = 0;  // on the host
  bool shared = false;   // on a GPU
};

void train(TestRun& run, Place place, int64_t epochs, Trained& trained) {
  AllRecorded watch;
  watch.shared = &trained.shared;
  const auto session = open_at(place, run);
  for (int64_t epoch = 0; epoch < epochs; ++epoch) {
    session->train_epoch(epoch, 0.05);
    trained.loss += session->evaluate(Split::kTest, epoch)->loss;
  }
  trained.state = state_of(*session);
}

Trained train_alone(const Model& model, size_t seed, Place place, int64_t epochs) {
  TestRun run = run_of(model);
  run.request.seed = seed;
  const int64_t before = host_cuda::launches();
  Trained trained;
  train(run, place, epochs, trained);
  trained.launches = host_cuda::launches() - before;
  return trained;
}

Trained train_beside(const Model& model, size_t seed, Place place, int64_t epochs,
                     const std::shared_ptr<Company>& company) {
  TestRun run = run_of(model);
  run.request.seed = seed;
  Trained trained;
  if (place == Place::kGpu) {
    run.request.company = company;
    train(run, place, epochs, trained);
    company->end();
    return trained;
  }
  MeetingLaunches launches(*company);
  train(run, place, epochs, trained);
  trained.launches = launches.led;
  return trained;
}

class TogetherTest : public ::testing::TestWithParam<std::tuple<Place, Model>> {
 protected:
  void SetUp() override { NNRUN_SKIP_WITHOUT(place()); }

  Place place() const { return std::get<0>(GetParam()); }
  const Model& model() const { return std::get<1>(GetParam()); }

  /// Run i trains epochs[i] epochs.
  void expect_bytes_of_one_alone(const std::vector<int64_t>& epochs) const {
    const auto company = std::make_shared<Company>(epochs.size());
    std::vector<Trained> beside(epochs.size());
    {
      std::vector<std::jthread> threads;
      for (size_t i = 0; i < epochs.size(); ++i)
        threads.emplace_back(
            [&, i] { beside[i] = train_beside(model(), i, place(), epochs[i], company); });
    }
    int64_t launches = 0, of_one = 0;
    for (size_t i = 0; i < epochs.size(); ++i) {
      const Trained alone = train_alone(model(), i, place(), epochs[i]);
      EXPECT_TRUE(same_bytes(beside[i].state, alone.state)) << "run " << i;
      EXPECT_EQ(beside[i].loss, alone.loss) << "run " << i;
      EXPECT_EQ(beside[i].shared, place() == Place::kGpu) << "run " << i;
      EXPECT_FALSE(alone.shared) << "run " << i;
      launches += beside[i].launches;
      of_one = alone.launches;
    }
    EXPECT_EQ(launches, of_one);
    EXPECT_EQ(of_one > 0, place() == Place::kHostHalf);
  }
};

TEST_P(TogetherTest, RunsThatShareLaunchesGiveTheBytesOfOneAlone) {
  expect_bytes_of_one_alone(std::vector<int64_t>(kRuns, 2));
}

INSTANTIATE_TEST_SUITE_P(Models, TogetherTest,
                         ::testing::Combine(::testing::Values(Place::kHostHalf, Place::kGpu),
                                            ::testing::ValuesIn(kModels)),
                         [](const auto& tested) {
                           return place_name(std::get<0>(tested.param)) +
                                  std::get<1>(tested.param).name;
                         });

/// The others go on alone.
using TogetherTestEnd = TogetherTest;

TEST_P(TogetherTestEnd, OneMayEndBeforeTheOthers) { expect_bytes_of_one_alone({4, 2, 4}); }

INSTANTIATE_TEST_SUITE_P(Models, TogetherTestEnd,
                         ::testing::Combine(::testing::Values(Place::kGpu),
                                            ::testing::Values(kModels[0], kModels[5])),
                         [](const auto& tested) { return std::get<1>(tested.param).name; });

}  // namespace
}  // namespace nnrun
