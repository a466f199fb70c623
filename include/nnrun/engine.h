#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nnrun/company.h"
#include "nnrun/config.h"
#include "nnrun/data.h"
#include "nnrun/plan.h"

/// The narrow door between the program and LibTorch: plain structs and arrays. Behind it stands
/// `libnnrun_engine.so`, loaded on demand by `load_engine` (src/app/engine_loader.cpp).
namespace nnrun {

/// A named float32 tensor on the host, row-major.
struct Tensor {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;
};
using Tensors = std::vector<Tensor>;  ///< sorted by name

enum class DeviceKind { kCpu, kCuda };

struct DeviceChoice {
  DeviceKind kind = DeviceKind::kCpu;
  int index = 0;     ///< CUDA device
  int threads = 1;   ///< CPU threads of this run
};

/// Everything that decides a session's numbers.
struct SessionRequest {
  const ModelPlan* plan = nullptr;     ///< both outlive the session
  const Dataset* dataset = nullptr;
  OptimizerConfig optimizer;
  TrainingConfig training;
  uint64_t seed = 0;
  DeviceChoice device;
  std::shared_ptr<Company> company;  ///< of runs that differ in the seed alone; a GPU may serve them as one
};

/// Sums over the examples seen; the caller divides.
struct Sums {
  double loss = 0;         ///< sum of per-example losses
  int64_t correct = 0;     ///< argmax equals the label (first maximum)
  int64_t examples = 0;
  bool finite = true;      ///< false: a batch loss was not finite; a pass with on_nonfinite stop ended there
};

/// Output of a layer for some examples.
struct LayerOutput {
  std::string layer;
  Shape shape;                 ///< one example
  std::vector<float> values;   ///< [n, shape]
};

/// Seconds spent per phase since the last call (nnrun bench).
struct PhaseTimes {
  double input = 0, forward = 0, loss = 0, backward = 0, optimizer = 0, evaluation = 0;
  int64_t steps = 0;
  double mean_loss = 0;  ///< over the examples of these steps
};

/// States that a session can remember, each until it is marked anew.
enum class Mark {
  kLast,      ///< weights and optimizer slots, of the last epoch
  kBest,      ///< weights alone: the best by keep_best
  kStopping,  ///< weights alone: the best by early stopping
};

/// One model with its optimizer and data on one device. Not thread-safe.
///   auto session = engine.open(request);
///   session->restore(initial_weights(plan, seed), /*updates=*/0);
///   for (int64_t e = 0; e < epochs; ++e) { session->train_epoch(e, rate); session->evaluate(Split::kTest); }
class Session {
 public:
  virtual ~Session() = default;

  /// One pass over the training split in the order of (seed, epoch), at a constant learning rate.
  /// nullopt: stop_signal() was raised on the way; the state is then in mid-epoch.
  virtual std::optional<Sums> train_epoch(int64_t epoch, double learning_rate) = 0;

  /// One pass without updates; `epoch` keys dropout that stays on in evaluation.
  virtual std::optional<Sums> evaluate(Split split, int64_t epoch) = 0;

  /// Remembers the state as it is now (device-side copy).
  virtual void mark(Mark mark) = 0;

  /// A marked state: `model/…` and, of kLast, `optimizer/<slot>/…`, sorted by name.
  virtual Tensors state(Mark mark) = 0;

  /// Replaces weights and slots. Tensors not named keep their value; names with and without `model/` are
  /// taken. `updates` is the number of optimizer steps done so far (Adam's bias correction).
  virtual void restore(const Tensors& tensors, int64_t updates) = 0;

  /// Class probabilities [n, classes] of examples that need not belong to the data set; `epoch` as in
  /// evaluate.
  virtual std::vector<float> predict(const Examples& examples, int64_t epoch) = 0;

  /// Outputs of the named layers (evaluation mode).
  virtual std::vector<LayerOutput> activations(const Examples& examples, const std::vector<std::string>& layers) = 0;

  /// Up to `steps` training steps from the start of epoch 0, for timing; changes the weights.
  virtual PhaseTimes profile(int64_t steps) = 0;
};

struct EngineInfo {
  std::string torch_version;   ///< "2.11.0+cu130"
  std::string cpu_capability;  ///< "AVX512"
  std::string blas;            ///< file of the library that `sgemm_` comes from
  std::vector<std::string> cuda_devices;  ///< their names
  std::string cuda_problem;    ///< why there is none; "" when there is one
  std::string cuda_half_problem;  ///< why libnnrun_engine_cuda.so is not used on them; "" when it is
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual EngineInfo info() const = 0;
  /// Throws DeviceError: no such device, out of memory.
  virtual std::unique_ptr<Session> open(const SessionRequest& request) = 0;
};

/// Loads LibTorch and the engine once per process (passive OpenMP waiting set before) and returns it.
/// `want_cuda`: try the CUDA half first. Throws EnvironmentError when LibTorch or the plug-in is missing.
Engine& load_engine(bool want_cuda);

/// Entry point of the plug-in, which keeps the engine it returns.
using EngineFactory = Engine* (*)();
inline constexpr const char* kEngineFactory = "nnrun_engine_create_v1";

}  // namespace nnrun
