#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <functional>
#include <memory>

namespace host_cuda {

/// Collects what this thread queues on some streams as a graph, while it lives.
class Capture {
 public:
  /// A stream that is captured from its first call on.
  static cudaStream_t stream(size_t index);

  Capture();
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  /// Work that is no launch of a kernel.
  void queue(cudaStream_t stream, std::function<void()> work);

  /// Does all of it once. Whatever need not wait for each other comes in an order of chance.
  void replay(unsigned seed) const;

  size_t kernels() const;  ///< launches in the graph

 private:
  std::unique_ptr<struct CUgraph_st> graph_;
};

}  // namespace host_cuda
