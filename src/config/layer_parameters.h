#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nnrun/plan.h"

/// The tensors of a layer with the laws of Keras or LibTorch for their initial values.
namespace nnrun {

/// Fans of a kernel, receptive field counted. Keras: U(+-sqrt(6 / (in + out))) (Glorot uniform);
/// LibTorch: U(+-1 / sqrt(torch)), which is Kaiming uniform with a = sqrt(5) when `torch` is `in`.
struct Fans {
  double in, out, torch;
};

/// Appends named tensors to one layer's plan.
///   LayerParameters parameters(plan, InitScheme::kKeras);
///   parameters.kernel("weight", {300, 640}, {640, 300, 640});
///   parameters.bias("bias", 300, 640);
class LayerParameters {
 public:
  LayerParameters(LayerPlan& plan, InitScheme scheme) : plan_(plan), scheme_(scheme) {}

  void kernel(const std::string& name, std::vector<int64_t> shape, const Fans& fans);
  void bias(const std::string& name, int64_t size, double torch_fan);
  /// [rows, units]: Keras U(+-0.05), LibTorch N(0, 1).
  void table(const std::string& name, int64_t rows, int64_t units);
  /// One direction of a recurrent layer: weight_ih, weight_hh and its biases (interface, section
  /// 4).
  void recurrent(const std::string& suffix);
  void constant(const std::string& name, int64_t size, InitKind init);
  void running(const std::string& name, int64_t size, InitKind init);

 private:
  void add(const std::string& name, std::vector<int64_t> shape, InitKind init, double bound = 0);
  void uniform_or(InitKind keras, const std::string& name, std::vector<int64_t> shape,
                  double torch_fan);

  LayerPlan& plan_;
  InitScheme scheme_;
};

/// Gates of a recurrent cell: 1 (rnn), 3 (gru: r, z, n), 4 (lstm: i, f, g, o); 0 for other layers.
int64_t gates_of(LayerType type);

}  // namespace nnrun
