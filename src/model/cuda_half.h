#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/batches.h"
#include "model/fused/fused.h"
#include "nnrun/company.h"
#include "nnrun/config.h"

/// The engine's CUDA half, `libnnrun_engine_cuda.so`: the only part that uses c10/cuda and
/// ATen/cuda. It stands beside the engine and is loaded when there is a GPU; without it a session
/// on a GPU still works, one LibTorch call after another on the default stream.
namespace nnrun {

/// Work of a GPU recorded once (a CUDA graph), to be launched again and again.
class Recording {
 public:
  virtual ~Recording() = default;
  /// Returns at once; the work follows on the run's stream. False: nothing was done, since the run
  /// has lost the company with which it recorded; it has to record anew.
  virtual bool replay() = 0;
};

/// A run's own place on a GPU: a stream and, for its recordings, a pool of memory.
///   run->on_stream([&] { session->train_epoch(0, rate); });
class GpuRun {
 public:
  virtual ~GpuRun() = default;

  /// Makes the run's device and stream the current ones while `work` runs.
  virtual void on_stream(const std::function<void()>& work) = 0;

  /// Does work that libraries may set themselves up for: not while another run records, whose
  /// recording that could spoil. Called inside on_stream, not within itself.
  virtual void warm_up(const std::function<void()>& work) = 0;

  /// Records what `work` would do. Called inside on_stream; throws c10::Error when it does
  /// something that cannot be recorded (waits for the GPU, copies from the host).
  virtual std::unique_ptr<Recording> record(const std::function<void()>& work) = 0;

  virtual void wait() = 0;  ///< until all work on the stream is done
};

/// What an update depends on that is not the same in all steps.
struct StepScalars {
  float rate = 0;   ///< Adam: with both bias corrections
  float decay = 0;  ///< share of each weight that adamw takes off first
};

/// The tensors of an optimizer.
struct FlatOptimizerSpec {
  OptimizerConfig config;
  at::Tensor weights;                 ///< the buffer that all variables lie in
  std::vector<at::Tensor> slots;      ///< likewise, by slot
  std::vector<at::Tensor> variables;  ///< views of `weights`
  std::vector<at::Tensor>
      slot_entries;                  ///< views of slots[0], one per variable; empty without slots
  std::vector<int32_t> norm_groups;  ///< by variable; those of a group share a norm
};

/// Clips and updates all variables at once. All that differs from step to step lies in device
/// memory, so a recorded step is right in every epoch.
class FlatOptimizer {
 public:
  virtual ~FlatOptimizer() = default;
  virtual void begin_epoch(const std::vector<StepScalars>& steps) = 0;
  /// `gradients`: row-major, by variable.
  virtual void step(const std::vector<at::Tensor>& gradients, int64_t step) = 0;
};

/// Places of a pass's order: the examples of a batch.
struct Places {
  int64_t begin = 0, count = 0;
};

class CudaHalf {
 public:
  virtual ~CudaHalf() = default;
  virtual std::string device_name(int index) const = 0;  ///< "NVIDIA H200"
  /// `company`: of runs that share launches; may be null.
  virtual std::unique_ptr<GpuRun> open_run(at::Device device,
                                           std::shared_ptr<Company> company) const = 0;
  virtual std::unique_ptr<FlatOptimizer> flat_optimizer(const FlatOptimizerSpec& spec) const = 0;

  virtual LossForm* loss() const = 0;

  /// The examples at these places of `order` (undefined: file order).
  virtual Batch gather(const StoredExamples& from, const at::Tensor& order,
                       Places places) const = 0;

  /// ResidentExamples::list_tokens.
  virtual void list_tokens(const StoredExamples& from, int64_t batch_size, Order& order) const = 0;

  /// The kernels' form of the layers that begin at plans[first]; a null layer: there is none.
  virtual FusedLayers fused_layers(const std::vector<LayerPlan>& plans, size_t first,
                                   const BuildContext& build) const = 0;
};

/// What a session takes from the half; nothing on the CPU.
struct GpuParts {
  const CudaHalf* half = nullptr;  ///< layers, loss, optimizer and the gathering of batches
  GpuRun* run = nullptr;           ///< null: steps are not recorded
};

/// The half, loaded at the first call; null where it cannot be. Call only when there is a GPU.
const CudaHalf* cuda_half();

/// The half for a session with these kernels on this device; null where it has no part.
const CudaHalf* cuda_half_for(Kernels kernels, at::Device device);

/// Why cuda_half() gives null; "" when it does not.
std::string cuda_half_problem();

/// Entry point of the half, which keeps what it returns.
using CudaHalfFactory = const CudaHalf* (*)();
inline constexpr const char* kCudaHalfFactory = "nnrun_cuda_half_v1";

}  // namespace nnrun
