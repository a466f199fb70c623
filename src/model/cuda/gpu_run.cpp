#include "model/cuda/gpu_run.h"

#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "model/cuda/kernel_call.h"
#include "model/cuda/shared_recording.h"
#include "nnrun/error.h"
#include "nnrun/log.h"

namespace nnrun {
namespace {

/// Held by one capture at a time, since LibTorch's bookkeeping of them (its generator's list of
/// graphs, the allocator's list of pools) knows no two threads, or by any number of warm-ups:
/// making a library's handle or loading a kernel may make the device wait, which ends captures in
/// failure.
std::shared_mutex& captures() {
  static std::shared_mutex mutex;
  return mutex;
}

/// Allocations of this process that this GPU had no room for.
int64_t failed_allocations(at::Device device) {
  auto& allocator = *c10::cuda::CUDACachingAllocator::get();
  return allocator.initialized() ? allocator.getDeviceStats(device.index()).num_ooms : 0;
}

/// The runs that are open at the same time. A convolution without room for its work space quietly
/// takes another algorithm, which rounds otherwise, and LibTorch keeps to it for all of them. A run
/// beside others is to give the numbers of a run alone.
class OpenRuns {
 public:
  void join(at::Device device) {
    const std::lock_guard lock(mutex_);
    crowded_ = open_++ > 0;
    if (!crowded_) failed_before_ = failed_allocations(device);
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    --open_;
  }
  bool crowded() const { return crowded_; }
  bool lacked_memory(at::Device device) const {
    return failed_allocations(device) > failed_before_;
  }

 private:
  std::mutex mutex_;
  int open_ = 0;
  std::atomic<bool> crowded_ = false;  // others are or were there
  std::atomic<int64_t> failed_before_ = 0;
};

OpenRuns& open_runs() {
  static OpenRuns runs;
  return runs;
}

/// Around work in which algorithms are chosen.
template <class Work>
void watching_memory(at::Device device, const Work& work) {
  constexpr const char* kNoRoom = "out of memory: no room beside other runs";
  try {
    work();
  } catch (const c10::OutOfMemoryError&) {
    if (open_runs().crowded()) throw DeviceError(kNoRoom);
    throw;
  }
  if (!open_runs().lacked_memory(device)) return;
  if (open_runs().crowded()) throw DeviceError(kNoRoom);
  log_warning("the GPU has too little memory for some algorithms; others may round otherwise");
}

class Graph final : public Recording {
 public:
  Graph(std::shared_ptr<const c10::MempoolId_t> pool, const std::function<void()>& work)
      : pool_(std::move(pool)), graph_(std::make_unique<at::cuda::CUDAGraph>()) {
    try {
      // Only this thread's calls are checked: other runs of the process may go on meanwhile.
      graph_->capture_begin(*pool_, cudaStreamCaptureModeThreadLocal);
      work();
      graph_->capture_end();
    } catch (...) {
      abandon();
      throw;
    }
  }

  ~Graph() override {
    const std::lock_guard lock(captures());
    graph_.reset();
  }

  bool replay() override {
    graph_->replay();
    return true;
  }

 private:
  /// Leaves capture mode after an error, which matters more than those of these calls.
  void abandon() {
    quietly([&] { graph_->capture_end(); });
    // A capture that the driver gave up ends before the allocator hears of it, and the allocator's
    // question whose turn it is refers to the graph.
    quietly([&] {
      const c10::DeviceIndex device = c10::cuda::current_device();
      c10::cuda::CUDACachingAllocator::endAllocateToPool(device, *pool_);
      c10::cuda::CUDACachingAllocator::releasePool(device, *pool_);
    });
    quietly([&] {
      at::getHostAllocator(at::kCUDA)->end_allocate_to_pool(*pool_);
      at::getHostAllocator(at::kCUDA)->release_pool(*pool_);
    });
  }

  template <class Call>
  static void quietly(const Call& call) {
    try {
      call();
    } catch (const c10::Error&) {
    }
  }

  std::shared_ptr<const c10::MempoolId_t> pool_;
  std::unique_ptr<at::cuda::CUDAGraph> graph_;
};

}  // namespace

StreamRun::StreamRun(at::Device device, std::shared_ptr<Company> company)
    : lease_(device), stream_(lease_.stream()), company_(std::move(company)) {
  open_runs().join(device);
  end_.record(stream_);  // makes it
}

StreamRun::~StreamRun() { open_runs().leave(); }

void StreamRun::on_stream(const std::function<void()>& work) {
  const c10::cuda::CUDAStreamGuard guard(stream_);
  work();
}

void StreamRun::warm_up(const std::function<void()>& work) {
  const std::shared_lock lock(captures());
  watching_memory(stream_.device(), work);
}

std::unique_ptr<Recording> StreamRun::record(const std::function<void()>& work) {
  if (!company_) return record_alone(work);
  auto recording = SharedRecording::make(*this, *company_, work);
  if (!recording) return record_alone(work);
  if (!std::exchange(has_shared_, true)) log_info("shares launches with runs of other seeds");
  return recording;
}

std::unique_ptr<Recording> StreamRun::record_alone(const std::function<void()>& work) {
  std::unique_ptr<Graph> graph;  // outlives the lock, which its end takes
  const std::lock_guard lock(captures());
  watching_memory(stream_.device(), [&] { graph = std::make_unique<Graph>(pool(), work); });
  return graph;
}

/// The pool of the recordings that are alive: LibTorch takes no pool again that all have left. What
/// the steps before the first recording used goes back to the device, for its pool to take.
std::shared_ptr<const c10::MempoolId_t> StreamRun::pool() {
  auto shared = pool_.lock();
  if (!shared) {
    c10::cuda::CUDACachingAllocator::emptyCache();
    shared = std::make_shared<const c10::MempoolId_t>(at::cuda::graph_pool_handle());
    pool_ = shared;
  }
  return shared;
}

void StreamRun::wait() { stream_.synchronize(); }

void StreamRun::precede(const c10::cuda::CUDAStream& other) {
  if (other == stream_) return;
  end_.record(stream_);
  end_.block(other);
}

void* current_stream() { return c10::cuda::getCurrentCUDAStream().stream(); }

}  // namespace nnrun
