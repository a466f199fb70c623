#include "nnrun/engine.h"

#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>
#include <malloc.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <limits>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "model/cuda_half.h"
#include "model/guarded_session.h"
#include "model/resident_store.h"
#include "model/training_session.h"
#include "nnrun/error.h"
#include "nnrun/log.h"

namespace nnrun {
namespace {

/// File of the library whose `sgemm_` LibTorch calls: another one than its own is slower and rounds
/// otherwise.
std::string blas_file() {
  Dl_info place{};
  void* const symbol = dlsym(RTLD_DEFAULT, "sgemm_");
  if (symbol == nullptr || dladdr(symbol, &place) == 0 || place.dli_fname == nullptr)
    return "unknown";
  return place.dli_fname;
}

int cuda_device_count() {
  return at::globalContext().hasCUDA() ? at::detail::getCUDAHooks().getNumGPUs() : 0;
}

std::string cuda_problem() {
  if (cuda_device_count() > 0) return "";
  const bool loaded = at::detail::getCUDAHooks().hasCUDART();
  return loaded ? "no GPU or no driver for it was found" : "LibTorch's CUDA half is not loaded";
}

std::string gpu_name(int index) {
  const CudaHalf* const half = cuda_half();
  return half != nullptr ? half->device_name(index) : "GPU " + std::to_string(index);
}

at::Device device_of(const DeviceChoice& choice) {
  if (choice.kind == DeviceKind::kCpu) return at::kCPU;
  const int count = cuda_device_count();
  if (count == 0) throw DeviceError("no CUDA device: " + cuda_problem());
  if (choice.index >= count) {
    throw DeviceError("no such CUDA device (got cuda:" + std::to_string(choice.index) +
                      ", expected an index below " + std::to_string(count) + ")");
  }
  return {at::kCUDA, static_cast<at::DeviceIndex>(choice.index)};
}

void check_precision(Precision precision, at::Device device) {
  if (precision == Precision::kFloat32 || device.is_cuda()) return;
  throw DeviceError("precision " + std::string(name_of(precision)) +
                    " needs a CUDA device (got cpu, expected float32 there)");
}

/// What LibTorch keeps per process, so that sessions side by side must agree in it.
bool is_configured(const at::Context& context, bool deterministic, bool tf32) {
  return context.deterministicAlgorithms() == deterministic &&
         context.deterministicAlgorithmsWarnOnly() == deterministic &&
         !context.deterministicFillUninitializedMemory() &&
         context.deterministicCuDNN() == deterministic && !context.benchmarkCuDNN() &&
         context.allowTF32CuBLAS() == tf32 && context.allowTF32CuDNN() == tf32;
}

/// Sets it only where it differs: other threads may be reading it.
void configure(const TrainingConfig& training) {
  at::Context& context = at::globalContext();
  const bool deterministic = training.deterministic;
  const bool tf32 = training.precision == Precision::kTf32;
  if (is_configured(context, deterministic, tf32)) return;
  context.setDeterministicAlgorithms(deterministic, /*warn_only=*/deterministic);
  context.setDeterministicFillUninitializedMemory(false);
  context.setDeterministicCuDNN(deterministic);
  context.setBenchmarkCuDNN(false);
  context.setAllowTF32CuBLAS(tf32);
  context.setAllowTF32CuDNN(tf32);
}

/// The run's own stream on a GPU; null on the CPU and without the CUDA half.
std::shared_ptr<GpuRun> gpu_run(at::Device device, const std::shared_ptr<Company>& company) {
  if (!device.is_cuda() || cuda_half() == nullptr) return nullptr;
  return cuda_half()->open_run(device, company);
}

/// LibTorch's warnings (an operation that is not deterministic, say) go to the log, each once.
class LoggedWarnings final : public c10::WarningHandler {
 public:
  void process(const c10::Warning& warning) override {
    const std::lock_guard lock(mutex_);
    const std::string text = warning.msg().substr(0, warning.msg().find('\n'));
    if (seen_.insert(text).second) log_info("LibTorch: " + text);
  }

 private:
  std::mutex mutex_;
  std::set<std::string> seen_;
};

class TorchEngine final : public Engine {
 public:
  EngineInfo info() const override {
    EngineInfo info{TORCH_VERSION, at::get_cpu_capability(), blas_file(), {}, cuda_problem(), ""};
    for (int i = 0; i < cuda_device_count(); ++i) info.cuda_devices.push_back(gpu_name(i));
    if (!info.cuda_devices.empty()) info.cuda_half_problem = cuda_half_problem();
    return info;
  }

  std::unique_ptr<Session> open(const SessionRequest& request) override {
    c10::WarningUtils::set_warning_handler(&warnings_);  // LibTorch has one for each thread
    std::unique_ptr<Session> session;
    SessionPlace place{request.device.threads, nullptr};
    translating_errors([&] {
      const at::Device device = device_of(request.device);
      check_precision(request.training.precision, device);
      configure_once(request.training);
      place.gpu = gpu_run(device, request.company);
      place.enter_unrecorded([&] {
        const GpuParts gpu{cuda_half_for(request.training.kernels, device), place.gpu.get()};
        session = std::make_unique<TrainingSession>(request, device, gpu, &resident_);
      });
    });
    return guarded(std::move(session), std::move(place));
  }

 private:
  void configure_once(const TrainingConfig& training) {
    const std::lock_guard lock(configuring_);
    configure(training);
  }

  LoggedWarnings warnings_;
  std::mutex configuring_;
  ResidentStore resident_;
};

/// The buffers of a step come and go; giving their pages back each time would cost more than the
/// step's small layers.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, std::numeric_limits<int>::max());
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

}  // namespace
}  // namespace nnrun

extern "C" nnrun::Engine* nnrun_engine_create_v1() {
  static nnrun::TorchEngine engine;
  static const bool prepared = [] {
    nnrun::keep_freed_memory();
    at::set_num_interop_threads(1);
    // LibTorch's own pool keeps the size that comes first. Nothing here uses it, and it would wait
    // for ever for threads that cannot be started.
    at::set_num_threads(1);
    return true;
  }();
  return prepared ? &engine : nullptr;
}
