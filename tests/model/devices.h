#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "base/temp_folder.h"
#include "model/host_half.h"
#include "model/model_fixture.h"
#include "model/training_session.h"
#include "nnrun/files.h"
#include "nnrun/log.h"

/// Tests with one body for all places where a session can run: instantiated over kPlaces, skipped
/// where there is no GPU.
namespace nnrun::testing {

enum class Place {
  kCpu,       ///< the engine's own choice on the CPU
  kHostHalf,  ///< the CUDA half's layers, optimizer and recordings, on the CPU
  kGpu
};
inline constexpr Place kPlaces[] = {Place::kCpu, Place::kHostHalf, Place::kGpu};

inline std::string place_name(Place place) {
  return place == Place::kCpu ? "Cpu" : place == Place::kGpu ? "Gpu" : "HostHalf";
}

inline bool has_place(Place place) {
  return place != Place::kGpu || !nnrun_engine_create_v1()->info().cuda_devices.empty();
}

/// Fails the test in which it lives when steps of its thread could not be recorded or shared: they
/// run one by one, to the same numbers, and only the run's log tells.
class AllRecorded {
 public:
  AllRecorded() { set_log_file((folder_ / "log.jsonl").string()); }
  ~AllRecorded() {
    set_log_file("");
    const std::string log = read_file(folder_ / "log.jsonl");
    EXPECT_EQ(log.find("cannot be recorded"), std::string::npos) << log;
    EXPECT_EQ(log.find("cannot share"), std::string::npos) << log;
    if (shared != nullptr) *shared = log.find("shares launches") != std::string::npos;
  }
  bool* shared = nullptr;  ///< told at the end: whether this thread's run shared launches

  AllRecorded(const AllRecorded&) = delete;
  AllRecorded& operator=(const AllRecorded&) = delete;

 private:
  TempFolder folder_;
};

/// For SetUp() of a fixture over places.
#define NNRUN_SKIP_WITHOUT(place) \
  if (!::nnrun::testing::has_place(place)) GTEST_SKIP() << "no CUDA device"

inline const CudaHalf* half_at(Place place) {
  return place == Place::kGpu ? cuda_half() : &host_half();
}

/// What the CUDA half gives, beside LibTorch's operations; over kHostHalf and kGpu.
class CudaHalfTest : public ::testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    NNRUN_SKIP_WITHOUT(GetParam());
    if (GetParam() == Place::kGpu) device = at::Device(at::kCUDA, 0);
    half = half_at(GetParam());
    ASSERT_NE(half, nullptr) << cuda_half_problem();
  }

  at::Device device = at::kCPU;
  const CudaHalf* half = nullptr;
};

/// A session of this run's request, with its weights.
inline std::unique_ptr<Session> open_at(Place place, TestRun& run) {
  run.request.device.kind = place == Place::kGpu ? DeviceKind::kCuda : DeviceKind::kCpu;
  if (place != Place::kHostHalf) return run.open();
  thread_local RunDouble recorder;
  run.request.plan = &run.plan;
  run.request.dataset = &run.dataset;
  auto session =
      std::make_unique<TrainingSession>(run.request, at::kCPU, GpuParts{&host_half(), &recorder});
  session->restore(some_weights(run.plan), 0);
  return session;
}

/// The same on the CPU, in LibTorch's plain forms.
inline std::unique_ptr<Session> open_plain(TestRun& run) {
  run.request.training.kernels = Kernels::kReference;
  return open_at(Place::kCpu, run);
}

/// |a - b| <= tolerance * the largest |b| (at least 1e-3), tensor by tensor.
inline void expect_near(const Tensors& a, const Tensors& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t t = 0; t < a.size(); ++t) {
    ASSERT_EQ(a[t].name, b[t].name);
    ASSERT_EQ(a[t].values.size(), b[t].values.size());
    double scale = 1e-3, worst = 0;
    for (size_t i = 0; i < b[t].values.size(); ++i) {
      scale = std::max<double>(scale, std::abs(b[t].values[i]));
      worst = std::max<double>(worst, std::abs(a[t].values[i] - b[t].values[i]));
    }
    EXPECT_LE(worst, tolerance * scale) << a[t].name;
  }
}

}  // namespace nnrun::testing
