#include <array>

#include "model/cuda/flat_optimizer.h"
#include "model/cuda/gather.h"
#include "model/cuda/gpu_run.h"
#include "model/cuda/kernel_call.h"
#include "model/cuda/layers.h"
#include "model/cuda/loss.h"
#include "model/cuda/token_index.h"
#include "model/kernels/cuda/device.h"

namespace nnrun {
namespace {

class TorchCudaHalf final : public CudaHalf {
 public:
  std::string device_name(int index) const override {
    std::array<char, 256> name{};
    check_kernel(nnrun_cuda_device_name(index, name.data(), name.size()));
    return name.data();
  }

  std::unique_ptr<GpuRun> open_run(at::Device device,
                                   std::shared_ptr<Company> company) const override {
    return std::make_unique<StreamRun>(device, std::move(company));
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

}  // namespace
}  // namespace nnrun

extern "C" const nnrun::CudaHalf* nnrun_cuda_half_v1() {
  static const nnrun::TorchCudaHalf only;
  return &only;
}
