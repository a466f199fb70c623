#include "model/cuda/stream_lease.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <vector>

namespace nnrun {
namespace {

/// Streams whose lease has ended.
struct IdleStreams {
  std::mutex mutex;
  std::vector<c10::cuda::CUDAStream> streams;
};

IdleStreams& idle_streams() {
  static IdleStreams idle;
  return idle;
}

/// The one that was given back last: mostly this thread's own. LibTorch keeps a work space of tens
/// of MiB for every stream that a thread has met.
c10::cuda::CUDAStream take_stream(at::Device device) {
  IdleStreams& idle = idle_streams();
  const std::lock_guard lock(idle.mutex);
  const auto found = std::find_if(idle.streams.rbegin(), idle.streams.rend(),
                                  [&](const auto& stream) { return stream.device() == device; });
  if (found == idle.streams.rend())
    return c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index());
  const c10::cuda::CUDAStream stream = *found;
  idle.streams.erase(std::next(found).base());
  return stream;
}

}  // namespace

StreamLease::StreamLease(at::Device device) : stream_(take_stream(device)) {}

StreamLease::~StreamLease() {
  IdleStreams& idle = idle_streams();
  const std::lock_guard lock(idle.mutex);
  idle.streams.push_back(stream_);
}

}  // namespace nnrun
