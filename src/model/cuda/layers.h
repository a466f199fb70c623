#pragma once

#include "model/fused/fused.h"

/// Layers on the kernels of model/kernels/cuda: the rows of the table in layers.cpp. Each looks at
/// the plans from `first` on and returns a layer or null.
namespace nnrun {

using GpuFusion = FusedLayers(const std::vector<LayerPlan>& plans, size_t first,
                              const BuildContext& build);

FusedLayers gpu_layers(const std::vector<LayerPlan>& plans, size_t first,
                       const BuildContext& build);

// dense_layer.cpp: dense of up to kNnrunDenseOutputs units
GpuFusion gpu_dense;
// dropout_layer.cpp
GpuFusion gpu_dropout;
// recurrent_layer.cpp: [one_hot | embedding] + rnn, gru or lstm of up to 32 units
GpuFusion gpu_recurrent;
// token_layers.cpp: one_hot + conv1d; embedding
GpuFusion gpu_token_conv, gpu_embedding;
// bag_layer.cpp: embedding_bag
GpuFusion gpu_embedding_bag;

}  // namespace nnrun
