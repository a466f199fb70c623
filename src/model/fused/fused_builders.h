#pragma once

#include "model/fused/fused.h"

/// The rows of the table in fused.cpp: each looks at plans[first] and its followers, and returns a
/// layer or null.
namespace nnrun {

/// A neighbourhood of plans: what begins at `first`.
struct PlanWindow {
  const std::vector<LayerPlan>& plans;
  size_t first;

  size_t size() const { return plans.size() - first; }
  const LayerPlan& operator[](size_t i) const { return plans[first + i]; }
};

// fused_recurrent.cpp: [one_hot | embedding] + rnn, gru or lstm
FusedLayers fuse_recurrent(const PlanWindow& window, const BuildContext& build);
// fused_lookup.cpp: (one_hot | embedding) + conv1d; embedding
FusedLayers fuse_token_conv(const PlanWindow& window, const BuildContext& build);
FusedLayers fuse_embedding(const PlanWindow& window, const BuildContext& build);
// fused_bag.cpp: embedding_bag
FusedLayers fuse_embedding_bag(const PlanWindow& window, const BuildContext& build);
// fused_conv.cpp: conv2d [+ max_pool2d]; conv1d
FusedLayers fuse_conv(const PlanWindow& window, const BuildContext& build);
// fused_max_pool.cpp: max_pool1d, max_pool2d
FusedLayers fuse_max_pool(const PlanWindow& window, const BuildContext& build);

}  // namespace nnrun
