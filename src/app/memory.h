#pragma once

#include <cstdint>

#include "app/workbench.h"

namespace nnrun {

/// An upper estimate of the memory of one training process: LibTorch, data, weights with their
/// gradients, optimizer slots and checkpoint copies, activations of a batch. MiB, in steps of 256.
int64_t predicted_memory_mib(const Material& material);

/// Memory that a new process may take on this machine, in MiB; 0: not known.
int64_t available_memory_mib();

}  // namespace nnrun
