#include "model/network.h"

#include <array>
#include <utility>

#include "model/cuda_half.h"
#include "model/fused/fused.h"
#include "model/layers.h"
#include "model/padding_mask.h"
#include "nnrun/error.h"

namespace nnrun {
namespace {

struct LayerForm {
  LayerType type;
  LayerBuilder* build;
};

constexpr std::array kLayers{
    LayerForm{LayerType::kConv2d, build_conv},
    LayerForm{LayerType::kConv1d, build_conv},
    LayerForm{LayerType::kMaxPool2d, build_max_pool},
    LayerForm{LayerType::kMaxPool1d, build_max_pool},
    LayerForm{LayerType::kAvgPool2d, build_avg_pool},
    LayerForm{LayerType::kGlobalAvgPool, build_global_avg_pool},
    LayerForm{LayerType::kGlobalMaxPool, build_global_max_pool},
    LayerForm{LayerType::kDense, build_dense},
    LayerForm{LayerType::kFlatten, build_flatten},
    LayerForm{LayerType::kReshape, build_reshape},
    LayerForm{LayerType::kDropout, build_dropout},
    LayerForm{LayerType::kActivation, build_activation},
    LayerForm{LayerType::kResidual, build_residual},
    LayerForm{LayerType::kBatchNorm, build_batch_norm},
    LayerForm{LayerType::kLayerNorm, build_layer_norm},
    LayerForm{LayerType::kEmbedding, build_embedding},
    LayerForm{LayerType::kEmbeddingBag, build_embedding_bag},
    LayerForm{LayerType::kOneHot, build_one_hot},
    LayerForm{LayerType::kRnn, build_rnn},
    LayerForm{LayerType::kGru, build_gru},
    LayerForm{LayerType::kLstm, build_lstm},
};

FusedLayers fused_or_none(const std::vector<LayerPlan>& plans, size_t first,
                          const BuildContext& build) {
  if (build.half != nullptr) return build.half->fused_layers(plans, first, build);
#ifdef NNRUN_CPU_KERNELS
  if (build.kernels == Kernels::kAuto && build.weights.flat().is_cpu()) {
    return fused_layers(plans, first, build);
  }
#endif
  return {};
}

}  // namespace

std::unique_ptr<Layer> build_layer(const LayerPlan& plan, const BuildContext& build) {
  for (const LayerForm& form : kLayers) {
    if (form.type == plan.config.type) return form.build(plan, build);
  }
  throw Error(ExitCode::kBug, "no builder for layer \"" + plan.config.name + "\"");
}

Network::Network(const std::vector<LayerPlan>& plans, const BuildContext& build) {
  for (size_t i = 0; i < plans.size();) {
    FusedLayers fused = fused_or_none(plans, i, build);
    if (!fused.layer) fused = {build_layer(plans[i], build), 1};
    i += fused.plans;
    if (clears_padding(plans[i - 1].config)) {
      fused.layer = with_cleared_padding(std::move(fused.layer));
    }
    layers_.push_back({plans[i - 1].config.name, std::move(fused.layer)});
  }
}

at::Tensor Network::forward(at::Tensor x, const Context& context) const {
  for (const NamedLayer& named : layers_) {
    x = named.layer->forward(x, context);
    if (context.observe) context.observe(named.name, x);
  }
  return x;
}

}  // namespace nnrun
