#include "model/cuda/weave.h"

#include <c10/util/Exception.h>

#include <cstring>

namespace nnrun {
namespace {

constexpr const char* kOthers = "the runs launch different kernels";

const char* message_of(cudaError_t error) {
  if (error == cudaSuccess) return nullptr;
  cudaGetLastError();  // or LibTorch's next launch would report it
  return cudaGetErrorString(error);
}

void check(cudaError_t error) {
  const char* const message = message_of(error);
  TORCH_CHECK(message == nullptr, "CUDA error: ", message);
}

/// The end of what a stream has been asked for in a capture: what comes next waits for these nodes.
struct Tip {
  cudaGraph_t graph = nullptr;
  const cudaGraphNode_t* nodes = nullptr;
  size_t count = 0;
};

// CUDA 13 gave these functions a parameter for data of edges, which ours have not.
#if CUDART_VERSION >= 13000
cudaError_t capture_info(cudaStream_t stream, cudaStreamCaptureStatus& status, Tip& tip) {
  return cudaStreamGetCaptureInfo(stream, &status, nullptr, &tip.graph, &tip.nodes, nullptr,
                                  &tip.count);
}
cudaError_t add_edge(cudaGraph_t graph, cudaGraphNode_t from, cudaGraphNode_t to) {
  return cudaGraphAddDependencies(graph, &from, &to, nullptr, 1);
}
cudaError_t set_tip(cudaStream_t stream, cudaGraphNode_t node) {
  return cudaStreamUpdateCaptureDependencies(stream, &node, nullptr, 1,
                                             cudaStreamSetCaptureDependencies);
}
#else
cudaError_t capture_info(cudaStream_t stream, cudaStreamCaptureStatus& status, Tip& tip) {
  return cudaStreamGetCaptureInfo_v2(stream, &status, nullptr, &tip.graph, &tip.nodes, &tip.count);
}
cudaError_t add_edge(cudaGraph_t graph, cudaGraphNode_t from, cudaGraphNode_t to) {
  return cudaGraphAddDependencies(graph, &from, &to, 1);
}
cudaError_t set_tip(cudaStream_t stream, cudaGraphNode_t node) {
  return cudaStreamUpdateCaptureDependencies(stream, &node, 1, cudaStreamSetCaptureDependencies);
}
#endif

cudaError_t find_tip(cudaStream_t stream, Tip& tip) {
  cudaStreamCaptureStatus status{};
  const cudaError_t error = capture_info(stream, status, tip);
  const bool gone = error == cudaSuccess && status != cudaStreamCaptureStatusActive;
  return gone ? cudaErrorStreamCaptureInvalidated : error;
}

/// Sends a stream's launches to a Weave.
class Diverted {
 public:
  Diverted(cudaStream_t stream, const NnrunDiversion& diversion) : stream_(stream) {
    nnrun_cuda_divert(stream_, &diversion);
  }
  ~Diverted() { nnrun_cuda_divert(stream_, nullptr); }
  Diverted(const Diverted&) = delete;
  Diverted& operator=(const Diverted&) = delete;

 private:
  cudaStream_t stream_;
};

bool are_alike(const NnrunLaunch& a, const NnrunLaunch& b) {
  return a.start == b.start && a.blocks_x == b.blocks_x && a.blocks_y == b.blocks_y;
}

}  // namespace

Weave::Weave(int32_t runs) : runs_(runs) {
  TORCH_CHECK(runs <= kNnrunTogether, "a launch serves no more than ", int{kNnrunTogether},
              " runs");
}

void Weave::add_run(cudaStream_t stream, const std::function<void()>& work) {
  ++run_;
  stream_ = stream;
  next_ = 0;
  const NnrunDiversion diversion{this, [](void* self, const NnrunLaunch* launch) {
                                   return static_cast<Weave*>(self)->take(*launch);
                                 }};
  const Diverted diverted(stream, diversion);
  work();
  TORCH_CHECK(next_ == launches_.size(), kOthers);
}

const char* Weave::take(const NnrunLaunch& launch) {
  const size_t index = next_++;
  if (run_ == 0) return begin_shared(launch);
  if (index == launches_.size() || !are_alike(launches_[index].launch, launch)) return kOthers;
  return join_shared(launches_[index], launch);
}

/// Until finish() the first run's job stands for those of all.
const char* Weave::begin_shared(const NnrunLaunch& launch) {
  Tip before, behind;
  if (const auto error = find_tip(stream_, before)) return message_of(error);
  Shared shared{launch, nullptr, {before.nodes, before.nodes + before.count}, {}};
  shared.jobs.resize(static_cast<size_t>(launch.job_size) * kNnrunTogether);
  const std::vector<const void*> jobs(static_cast<size_t>(runs_), launch.job);
  if (const char* const problem = launch.start(&launch, jobs.data(), runs_, stream_))
    return problem;
  if (const auto error = find_tip(stream_, behind)) return message_of(error);
  shared.node = behind.nodes[0];
  keep_job(shared, launch);
  launches_.push_back(std::move(shared));
  return nullptr;
}

/// The shared launch waits for this run, too, which goes on behind it.
const char* Weave::join_shared(Shared& shared, const NnrunLaunch& launch) {
  Tip tip;
  if (const auto error = find_tip(stream_, tip)) return message_of(error);
  for (size_t i = 0; i < tip.count; ++i) {
    if (!shared.before.insert(tip.nodes[i]).second) continue;
    if (const auto error = add_edge(tip.graph, tip.nodes[i], shared.node)) return message_of(error);
  }
  keep_job(shared, launch);
  return message_of(set_tip(stream_, shared.node));
}

void Weave::keep_job(Shared& shared, const NnrunLaunch& launch) const {
  const auto size = static_cast<size_t>(launch.job_size);
  std::memcpy(shared.jobs.data() + size * static_cast<size_t>(run_), launch.job, size);
}

void Weave::finish() {
  TORCH_CHECK(run_ + 1 == runs_, "a run is missing");
  for (Shared& shared : launches_) {
    void* parameters[] = {shared.jobs.data()};
    cudaKernelNodeParams node{};
    check(cudaGraphKernelNodeGetParams(shared.node, &node));
    node.kernelParams = parameters;
    node.extra = nullptr;
    check(cudaGraphKernelNodeSetParams(shared.node, &node));
  }
}

}  // namespace nnrun
