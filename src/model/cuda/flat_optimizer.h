#pragma once

#include <memory>

#include "model/cuda_half.h"

namespace nnrun {

std::unique_ptr<FlatOptimizer> make_flat_optimizer(const FlatOptimizerSpec& spec);

}  // namespace nnrun
