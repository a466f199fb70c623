#include "model/cuda/gpu_run.h"

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>

#include <mutex>

#include "model/cuda/kernel_call.h"

namespace nnrun {
namespace {

class Graph final : public Recording {
 public:
  Graph(c10::MempoolId_t pool, const std::function<void()>& work) {
    // Only this thread's calls are checked: other runs of the process may go on meanwhile.
    graph_.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
    try {
      work();
    } catch (...) {
      end_quietly();
      throw;
    }
    graph_.capture_end();
  }

  void replay() override { graph_.replay(); }

 private:
  /// Leaves capture mode after an error, which matters more than one of this call.
  void end_quietly() {
    try {
      graph_.capture_end();
    } catch (const c10::Error&) {
    }
  }

  at::cuda::CUDAGraph graph_;
};

std::mutex& one_capture_at_a_time() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

StreamRun::StreamRun(at::Device device)
    : lease_(device),
      stream_(lease_.stream()),
      pool_(at::cuda::graph_pool_handle()) {}

void StreamRun::on_stream(const std::function<void()>& work) {
  const c10::cuda::CUDAStreamGuard guard(stream_);
  work();
}

std::unique_ptr<Recording> StreamRun::record(const std::function<void()>& work) {
  const std::lock_guard lock(one_capture_at_a_time());
  return std::make_unique<Graph>(pool_, work);
}

void StreamRun::wait() { stream_.synchronize(); }

void* current_stream() { return c10::cuda::getCurrentCUDAStream().stream(); }

}  // namespace nnrun
