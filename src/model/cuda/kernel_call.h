#pragma once

#include <torch/torch.h>

namespace nnrun {

/// Throws c10::Error when a kernel's function gave a message.
inline void check_kernel(const char* message) {
  TORCH_CHECK(message == nullptr, "CUDA error: ", message);
}

/// LibTorch's current stream, for a kernel's function.
void* current_stream();

}  // namespace nnrun
