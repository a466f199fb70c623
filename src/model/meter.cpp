#include "model/meter.h"

#include <cmath>

namespace nnrun {

Meter::Meter(at::Device device)
    : loss_(at::zeros({}, at::TensorOptions(at::kDouble).device(device))),
      correct_(at::zeros({}, at::TensorOptions(at::kLong).device(device))) {}

void Meter::add(const at::Tensor& loss, const at::Tensor& logits, const at::Tensor& labels) {
  const at::NoGradGuard no_grad;
  loss_.add_(loss.to(at::kDouble), labels.size(0));
  correct_.add_(logits.argmax(1).eq(labels).sum());
}

void Meter::clear() {
  loss_.zero_();
  correct_.zero_();
}

bool Meter::finite() const { return std::isfinite(loss_.item<double>()); }

Sums Meter::sums(int64_t examples) const {
  const at::Tensor both = at::stack({loss_, correct_.to(at::kDouble)}).cpu();  // one wait for a GPU
  const double loss = both[0].item<double>();
  return {loss, static_cast<int64_t>(both[1].item<double>()), examples, std::isfinite(loss)};
}

}  // namespace nnrun
