#include "host_cuda/capture.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

struct CUgraphNode_st {
  std::function<void()> work;  // of what is no kernel
  host_cuda::Kernel kernel;
  std::vector<std::byte> parameter;
  std::set<cudaGraphNode_t> before;
};

struct CUgraph_st {
  std::vector<std::unique_ptr<CUgraphNode_st>> nodes;
  std::map<cudaStream_t, std::vector<cudaGraphNode_t>> tips;  // what a stream's next node waits for

  cudaGraphNode_t add(cudaStream_t stream, CUgraphNode_st node) {
    std::vector<cudaGraphNode_t>& tip = tips[stream];
    node.before.insert(tip.begin(), tip.end());
    nodes.push_back(std::make_unique<CUgraphNode_st>(std::move(node)));
    tip = {nodes.back().get()};
    return tip[0];
  }
};

namespace {

constexpr size_t kStreams = 8;
const char places[kStreams] = {};  // whose addresses stand for streams

thread_local cudaGraph_t capturing = nullptr;

bool is_captured(cudaStream_t stream) {
  const void* const place = stream;
  return capturing != nullptr && place >= places && place < places + kStreams;
}

}  // namespace

namespace host_cuda {

cudaStream_t Capture::stream(size_t index) {
  return reinterpret_cast<cudaStream_t>(const_cast<char*>(places + index));
}

Capture::Capture() : graph_(std::make_unique<CUgraph_st>()) { capturing = graph_.get(); }
Capture::~Capture() { capturing = nullptr; }

void Capture::queue(cudaStream_t stream, std::function<void()> work) {
  graph_->add(stream, {std::move(work), nullptr, {}, {}});
}

size_t Capture::kernels() const {
  return static_cast<size_t>(
      std::ranges::count_if(graph_->nodes, [](const auto& node) { return bool(node->kernel); }));
}

void Capture::replay(unsigned seed) const {
  std::mt19937 random(seed);
  std::set<cudaGraphNode_t> done;
  while (done.size() < graph_->nodes.size()) {
    std::vector<cudaGraphNode_t> ready;
    for (const auto& node : graph_->nodes) {
      if (!done.contains(node.get()) && std::ranges::includes(done, node->before))
        ready.push_back(node.get());
    }
    if (ready.empty()) throw std::logic_error("the graph has a circle");
    CUgraphNode_st& next = *ready[random() % ready.size()];
    if (next.kernel) {
      next.kernel(next.parameter.data());
    } else {
      next.work();
    }
    done.insert(&next);
  }
}

bool capture_kernel(cudaStream_t stream, const Kernel& kernel, const void* parameter, size_t size) {
  if (!is_captured(stream)) return false;
  const auto* const bytes = static_cast<const std::byte*>(parameter);
  capturing->add(stream, {nullptr, kernel, {bytes, bytes + size}, {}});
  return true;
}

}  // namespace host_cuda

cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, cudaStreamCaptureStatus* status,
                                     unsigned long long*, cudaGraph_t* graph,
                                     const cudaGraphNode_t** nodes, const cudaGraphEdgeData**,
                                     size_t* count) {
  *status = is_captured(stream) ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  if (*status == cudaStreamCaptureStatusNone) return cudaSuccess;
  const std::vector<cudaGraphNode_t>& tip = capturing->tips[stream];
  *graph = capturing;
  *nodes = tip.data();
  *count = tip.size();
  return cudaSuccess;
}

cudaError_t cudaStreamUpdateCaptureDependencies(cudaStream_t stream, cudaGraphNode_t* nodes,
                                                const cudaGraphEdgeData*, size_t count,
                                                unsigned flags) {
  if (!is_captured(stream) || flags != cudaStreamSetCaptureDependencies)
    return cudaErrorInvalidValue;
  capturing->tips[stream] = {nodes, nodes + count};
  return cudaSuccess;
}

cudaError_t cudaGraphAddDependencies(cudaGraph_t, const cudaGraphNode_t* from,
                                     const cudaGraphNode_t* to, const cudaGraphEdgeData*,
                                     size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (from[i] == to[i] || !to[i]->before.insert(from[i]).second) return cudaErrorInvalidValue;
  }
  return cudaSuccess;
}

cudaError_t cudaGraphKernelNodeGetParams(cudaGraphNode_t node, cudaKernelNodeParams* parameters) {
  if (!node->kernel) return cudaErrorInvalidValue;
  *parameters = {};
  parameters->func = &node->kernel;
  return cudaSuccess;
}

cudaError_t cudaGraphKernelNodeSetParams(cudaGraphNode_t node,
                                         const cudaKernelNodeParams* parameters) {
  if (parameters->func != &node->kernel) return cudaErrorInvalidValue;
  std::memcpy(node->parameter.data(), parameters->kernelParams[0], node->parameter.size());
  return cudaSuccess;
}
