#pragma once

#include <ATen/core/Tensor.h>
#include <c10/cuda/CUDAStream.h>

namespace nnrun {

/// A stream that no other lease has at the same time; LibTorch deals out its 32 in turn, whoever
/// still works on them, and what another thread queues on a stream that is being captured would
/// become part of the recording. A lease that ended is the next one's, with the memory cached for
/// it.
class StreamLease {
 public:
  explicit StreamLease(at::Device device);
  ~StreamLease();
  StreamLease(const StreamLease&) = delete;
  StreamLease& operator=(const StreamLease&) = delete;

  const c10::cuda::CUDAStream& stream() const { return stream_; }

 private:
  c10::cuda::CUDAStream stream_;
};

}  // namespace nnrun
