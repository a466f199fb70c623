#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/layer.h"

namespace nnrun {

/// A list of layers, applied in order: the whole model, or the inside of a residual. Unless the
/// build context asks for the reference, neighbours with a fused form become one layer, which
/// carries the last one's name.
class Network {
 public:
  Network(const std::vector<LayerPlan>& plans, const BuildContext& build);

  /// [n, input] -> [n, output]; context.observe sees every layer's output, inner ones included.
  at::Tensor forward(at::Tensor x, const Context& context) const;

 private:
  struct NamedLayer {
    std::string name;
    std::unique_ptr<Layer> layer;
  };
  std::vector<NamedLayer> layers_;
};

}  // namespace nnrun
