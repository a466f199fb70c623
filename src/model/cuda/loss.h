#pragma once

#include "model/loss.h"

namespace nnrun {

/// Loss, meter and the logits' gradient in one launch; more classes than the kernel takes go
/// LibTorch's way.
LossForm kernel_loss;

}  // namespace nnrun
