#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <functional>
#include <set>
#include <vector>

#include "model/kernels/cuda/together.h"

namespace nnrun {

/// Makes one graph of several runs that do the same: side by side, but for nnrun's kernels, of
/// which one launch serves all runs. Everything happens while the graph is captured.
///   Weave weave(2);
///   weave.add_run(first, [&] { … });  // streams that take part in the capture
///   weave.add_run(second, [&] { … });
///   weave.finish();
class Weave {
 public:
  /// Throws c10::Error for more than kNnrunTogether runs.
  explicit Weave(int32_t runs);
  Weave(const Weave&) = delete;
  Weave& operator=(const Weave&) = delete;

  /// The next run: `work` queues all that it does on `stream`. Throws c10::Error when its kernels
  /// are not those of the runs before.
  void add_run(cudaStream_t stream, const std::function<void()>& work);

  /// Gives the launches the jobs of all runs.
  void finish();

 private:
  struct Shared {
    NnrunLaunch launch;  // the first run's
    cudaGraphNode_t node;
    std::set<cudaGraphNode_t> before;  // what the node waits for
    std::vector<std::byte> jobs;       // [kNnrunTogether]
  };

  const char* take(const NnrunLaunch& launch);
  const char* begin_shared(const NnrunLaunch& launch);
  const char* join_shared(Shared& shared, const NnrunLaunch& launch);
  void keep_job(Shared& shared, const NnrunLaunch& launch) const;

  int32_t runs_, run_ = -1;
  cudaStream_t stream_ = nullptr;  // of the run that is being added
  size_t next_ = 0;                // its next launch
  std::vector<Shared> launches_;
};

}  // namespace nnrun
