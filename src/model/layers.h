#pragma once

#include <memory>

#include "model/layer.h"

/// The builders of the layer table (network.cpp), by the file that holds them.
namespace nnrun {

using LayerBuilder = std::unique_ptr<Layer>(const LayerPlan& plan, const BuildContext& build);

// layers_basic.cpp
LayerBuilder build_dense, build_flatten, build_reshape, build_dropout, build_activation,
    build_residual;
// layers_image.cpp: windows over images and sequences
LayerBuilder build_conv, build_max_pool, build_avg_pool, build_global_avg_pool,
    build_global_max_pool;
// layers_norm.cpp
LayerBuilder build_batch_norm, build_layer_norm;
// layers_text.cpp
LayerBuilder build_embedding, build_embedding_bag, build_one_hot;
// layers_recurrent.cpp
LayerBuilder build_rnn, build_gru, build_lstm;

}  // namespace nnrun
