#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nnrun/config.h"

/// Shape inference: what a layer list becomes for a given input, before LibTorch is touched.
namespace nnrun {

enum class ShapeKind {
  kImage,     ///< [channels, height, width]
  kIds,       ///< [length], integers
  kSequence,  ///< [features, length]
  kVector,    ///< [features]
};

/// Shape of one example (no batch axis).
struct Shape {
  ShapeKind kind = ShapeKind::kVector;
  std::vector<int64_t> dims;
  int64_t elements() const;  ///< the largest int64_t where the product overflows
};
std::string to_text(const Shape& shape);  ///< "90x24x24", "ids 100", "20x100", "300"

/// What the data feeds into the first layer.
struct InputSpec {
  Shape shape;
  int64_t classes = 0;
  std::optional<int64_t> vocabulary;  ///< ids below this; nullopt: not known without the data
  int64_t buckets = 0;                ///< n-gram buckets after the vocabulary (0: no n-grams)
};

/// The input as far as the config alone tells (cifar10, text_csv, synthetic; image_folder: classes
/// 0 = unknown).
InputSpec input_from_config(const DataConfig& data);

/// Law of a tensor's initial values, as the model's `init` chose it.
enum class InitKind {
  kUniform,     ///< U(-bound, bound)
  kNormal,      ///< N(0, 1)
  kOrthogonal,  ///< [gates * H, H] with orthonormal columns, as Keras's joint [H, gates * H] matrix
  kZeros,
  kOnes,
  kLstmBias,  ///< zeros, ones for the forget gate
};

/// One tensor of a layer. Names and layouts: interface, section 4.
struct ParameterSpec {
  std::string name;  ///< "C1.weight"
  std::vector<int64_t> shape;
  InitKind init = InitKind::kZeros;
  double bound = 0;       ///< kUniform
  bool trainable = true;  ///< false: running statistics
  int64_t elements() const;
};

struct LayerPlan {
  LayerConfig config;
  Shape in, out;
  std::vector<ParameterSpec> parameters;
  int64_t multiply_adds = 0;                    ///< forward, one example
  std::array<std::array<int64_t, 2>, 2> pad{};  ///< [axis][before, after] cells of SAME padding
  std::vector<LayerPlan> inner;                 ///< residual

  int64_t trainable() const;  ///< entries of all trainable parameters, inner layers included
};

struct ModelPlan {
  InputSpec input;
  std::vector<LayerPlan> layers;
  int64_t parameters = 0;  ///< all entries, running statistics left out
  int64_t multiply_adds = 0;

  /// Every parameter of every layer, residuals included, in order of the layers.
  std::vector<ParameterSpec> all_parameters() const;
};

/// Takes a problem of a plan: the pointer of the layer or key, and the message.
using PlanProblem = std::function<void(const std::string& pointer, const std::string& message)>;

/// Infers all shapes. An unknown vocabulary counts as 0 rows. Problems go to `problem`; planning
/// stops at the first layer that cannot be built (later shapes are unknown then), and the returned
/// plan ends before it.
ModelPlan plan_model(const ModelConfig& model, const InputSpec& input, const PlanProblem& problem);

/// plan_model for an experiment; throws ConfigError with positions.
ModelPlan plan_experiment(const Experiment& experiment, const InputSpec& input);

/// `size` cells with a window of `kernel` and `stride`: output cells; SAME adds `pad` (TensorFlow's
/// rule: ceil(size / stride) outputs, the extra cell at the end). 0 or less: the window does not
/// fit.
int64_t window_cells(int64_t size, int64_t kernel, int64_t stride, Padding padding,
                     std::array<int64_t, 2>* pad);

}  // namespace nnrun
