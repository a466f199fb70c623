#pragma once

#include <ATen/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAStream.h>

#include <memory>

#include "model/cuda/stream_lease.h"
#include "model/cuda_half.h"

namespace nnrun {

/// GpuRun on a stream of its own.
class StreamRun final : public GpuRun {
 public:
  /// `company`: with whose runs this one shares launches; may be null.
  StreamRun(at::Device device, std::shared_ptr<Company> company);
  ~StreamRun() override;
  StreamRun(const StreamRun&) = delete;
  StreamRun& operator=(const StreamRun&) = delete;

  void on_stream(const std::function<void()>& work) override;
  void warm_up(const std::function<void()>& work) override;
  std::unique_ptr<Recording> record(const std::function<void()>& work) override;
  void wait() override;

  /// A recording that serves this run alone, whatever its company.
  std::unique_ptr<Recording> record_alone(const std::function<void()>& work);
  const c10::cuda::CUDAStream& stream() const { return stream_; }

  /// What comes next on `other` waits for all that this run has asked for.
  void precede(const c10::cuda::CUDAStream& other);

 private:
  std::shared_ptr<const c10::MempoolId_t> pool();

  StreamLease lease_;
  c10::cuda::CUDAStream stream_;
  at::cuda::CUDAEvent end_;  // of what the stream has been asked for; see precede
  std::shared_ptr<Company> company_;
  bool has_shared_ = false;
  // Of all recordings of this run, which never replay at the same time; they keep it.
  std::weak_ptr<const c10::MempoolId_t> pool_;
};

}  // namespace nnrun
