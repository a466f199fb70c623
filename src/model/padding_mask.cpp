#include "model/padding_mask.h"

#include <utility>

namespace nnrun {
namespace {

class ClearedPadding final : public Layer {
 public:
  explicit ClearedPadding(std::unique_ptr<Layer> layer) : layer_(std::move(layer)) {}

  at::Tensor forward(const at::Tensor& x, const Context& context) override {
    const at::Tensor y = layer_->forward(x, context);
    const at::Tensor positions = at::arange(y.size(2), context.lengths.options());
    const at::Tensor padding = positions >= context.lengths.view({-1, 1, 1});  // [n, 1, length]
    return y.masked_fill(padding, 0);
  }

 private:
  std::unique_ptr<Layer> layer_;
};

}  // namespace

bool clears_padding(const LayerConfig& config) {
  return config.mask_padding && config.bidirectional && config.returns == Return::kSequence;
}

std::unique_ptr<Layer> with_cleared_padding(std::unique_ptr<Layer> layer) {
  return std::make_unique<ClearedPadding>(std::move(layer));
}

}  // namespace nnrun
