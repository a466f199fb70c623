#pragma once

#include <cstdint>

/// What tests ask of launches on the host (cuda_runtime_api.h).
namespace host_cuda {

/// Launches of this thread so far.
int64_t launches();

/// While it lives, the threads of a block take turns from the last to the first: kernels whose
/// threads wait for each other where they have to do not notice.
class LastThreadFirst {
 public:
  LastThreadFirst();
  ~LastThreadFirst();
  LastThreadFirst(const LastThreadFirst&) = delete;
  LastThreadFirst& operator=(const LastThreadFirst&) = delete;
};

}  // namespace host_cuda
