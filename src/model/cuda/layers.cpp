#include "model/cuda/layers.h"

#include <array>

namespace nnrun {
namespace {

/// Longer neighbourhoods before shorter ones.
constexpr std::array<GpuFusion*, 6> kFusions{
    gpu_recurrent, gpu_token_conv, gpu_embedding, gpu_embedding_bag, gpu_dense, gpu_dropout};

}  // namespace

FusedLayers gpu_layers(const std::vector<LayerPlan>& plans, size_t first,
                       const BuildContext& build) {
  for (GpuFusion* const fuse : kFusions) {
    if (FusedLayers fused = fuse(plans, first, build); fused.layer) return fused;
  }
  return {};
}

}  // namespace nnrun
