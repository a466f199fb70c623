#pragma once

#include "nnrun/engine.h"

namespace nnrun {

/// `tensors` and early stopping's best weights under names of their own, sorted by name.
Tensors with_stopping_tensors(Tensors tensors, const Tensors& stopping);

}  // namespace nnrun
