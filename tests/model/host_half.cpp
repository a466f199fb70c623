#include "model/host_half.h"

#include <csignal>
#include <utility>

#include "model/cuda/flat_optimizer.h"
#include "model/cuda/gather.h"
#include "model/cuda/layers.h"
#include "model/cuda/loss.h"
#include "model/cuda/token_index.h"
#include "nnrun/stop.h"

namespace nnrun {

void* current_stream() {
  thread_local char place;  // whose address stands for this thread's stream
  return &place;
}

namespace testing {
namespace {

class HostHalf final : public CudaHalf {
 public:
  std::string device_name(int) const override { return "host"; }
  std::unique_ptr<GpuRun> open_run(at::Device, std::shared_ptr<Company>) const override {
    return std::make_unique<RunDouble>();
  }
  std::unique_ptr<FlatOptimizer> flat_optimizer(const FlatOptimizerSpec& spec) const override {
    return make_flat_optimizer(spec);
  }
  LossForm* loss() const override { return kernel_loss; }
  Batch gather(const StoredExamples& from, const at::Tensor& order, Places places) const override {
    return gathered(from, order, places);
  }
  void list_tokens(const StoredExamples& from, int64_t batch_size, Order& order) const override {
    sort_tokens(from, batch_size, order);
  }
  FusedLayers fused_layers(const std::vector<LayerPlan>& plans, size_t first,
                           const BuildContext& build) const override {
    return gpu_layers(plans, first, build);
  }
};

class WorkAgain final : public Recording {
 public:
  WorkAgain(RunDouble& run, std::function<void()> work) : run_(run), work_(std::move(work)) {}
  bool replay() override {
    if (run_.loses_company_at > 0 && --run_.loses_company_at == 0) {
      if (run_.stop_at_loss) request_stop(SIGTERM);
      return false;
    }
    ++run_.replayed;
    work_();
    return true;
  }

 private:
  RunDouble& run_;
  std::function<void()> work_;
};

}  // namespace

const CudaHalf& host_half() {
  static const HostHalf half;
  return half;
}

std::unique_ptr<Recording> RunDouble::record(const std::function<void()>& work) {
  TORCH_CHECK(!refuses, "waits for the device\nand a second line");
  ++recorded;
  return std::make_unique<WorkAgain>(*this, work);
}

void RunDouble::wait() {
  ++waits;
  if (stop_at_wait) request_stop(SIGTERM);
}

}  // namespace testing
}  // namespace nnrun
