#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>

#include "model/tensor_bank.h"
#include "model/token_order.h"
#include "nnrun/config.h"
#include "nnrun/plan.h"

namespace nnrun {

/// Called after every layer with its name and output.
using Observer = std::function<void(const std::string& layer, const at::Tensor& output)>;

/// What a layer may need besides its input. A value: the same context gives the same output.
struct Context {
  bool training = false;
  uint64_t seed = 0;  ///< with epoch and step: the key of the dropout masks
  uint32_t epoch = 0, step = 0;
  at::Tensor
      epoch_cell;      ///< [1] int32 on a GPU: the epoch, for what is recorded once; else undefined
  at::Tensor lengths;  ///< [n] int64: positions before each text's end; texts only
  at::Tensor bag_ids,
      bag_offsets;    ///< ids of all bags, one after another; [n + 1] where each begins
  TokenOrder tokens;  ///< of the batch's ids; training with the CUDA half only
  Observer observe;   ///< may be empty
};

/// Layers that read ids, which kernels look up without their output.
inline bool is_lookup(LayerType type) {
  return type == LayerType::kOneHot || type == LayerType::kEmbedding;
}

/// One layer of the network. Gradients come from autograd, over these operations or over a
/// torch::autograd::Function that does the same faster.
class Layer {
 public:
  virtual ~Layer() = default;

  /// `x` and the result have the plan's shapes (`in`, `out`) behind a batch axis.
  virtual at::Tensor forward(const at::Tensor& x, const Context& context) = 0;
};

class CudaHalf;

/// What a layer is built from besides its own plan.
struct BuildContext {
  const TensorBank& weights;
  Kernels kernels = Kernels::kAuto;
  const CudaHalf* half = nullptr;  ///< whose forms of layers come first; may be null
};

std::unique_ptr<Layer> build_layer(const LayerPlan& plan, const BuildContext& build);

}  // namespace nnrun
