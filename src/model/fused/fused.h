#pragma once

#include "model/optimizer_backend.h"

/// Layers and optimizers on this project's own CPU kernels. Compiled only where Highway is there;
/// everything here has a plain LibTorch form too.
namespace nnrun {

/// The optimizers' vector loops: contiguous float32 tensors on the CPU.
const OptimizerBackend& fused_backend();

}  // namespace nnrun
