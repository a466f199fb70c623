#pragma once

#include <torch/torch.h>

#include "nnrun/config.h"

namespace nnrun {

/// f(x), elementwise.
at::Tensor activate(Activation activation, const at::Tensor& x);

/// The same for a tensor that nobody else reads: done in place where autograd allows it.
at::Tensor activate_fresh(Activation activation, at::Tensor x);

}  // namespace nnrun
