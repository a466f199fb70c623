#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "model/layer.h"
#include "model/loss.h"
#include "model/optimizer_backend.h"

/// Layers, loss and optimizers on this project's own CPU kernels (model/kernels/cpu). Compiled only
/// where Highway is there; everything here has a plain LibTorch form too, and a test compares the
/// two.
namespace nnrun {

/// A layer that does the work of `plans` neighbours at once.
struct FusedLayers {
  std::unique_ptr<Layer> layer;  ///< null: these plans have no fused form
  size_t plans = 0;
};

/// The fused form of the layers that begin at plans[first].
FusedLayers fused_layers(const std::vector<LayerPlan>& plans, size_t first,
                         const BuildContext& build);

/// The optimizers' vector loops: contiguous float32 tensors on the CPU.
const OptimizerBackend& fused_backend();

/// Loss, correct answers and the logits' gradient in one pass over the logits.
LossForm fused_loss;

}  // namespace nnrun
