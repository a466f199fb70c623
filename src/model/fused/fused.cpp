#include "model/fused/fused.h"

#include "model/fused/fused_builders.h"

namespace nnrun {
namespace {

/// Longer neighbourhoods before shorter ones.
constexpr decltype(&fuse_recurrent) kFusions[] = {
    fuse_recurrent, fuse_token_conv, fuse_embedding, fuse_embedding_bag, fuse_conv, fuse_max_pool};

}  // namespace

FusedLayers fused_layers(const std::vector<LayerPlan>& plans, size_t first,
                         const BuildContext& build) {
  for (const auto fuse : kFusions) {
    if (FusedLayers fused = fuse({plans, first}, build); fused.layer) return fused;
  }
  return {};
}

}  // namespace nnrun
