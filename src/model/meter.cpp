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
  host_loss_ = 0;
  host_correct_ = 0;
}

void Meter::add(double loss_sum, int64_t correct) {
  host_loss_ += loss_sum;
  host_correct_ += correct;
}

double Meter::total() const {
  const double loss = host_loss_ + loss_.item<double>();
  const auto single = static_cast<float>(loss);
  return std::isinf(single) ? single : loss;
}

bool Meter::finite() const { return std::isfinite(total()); }

Sums Meter::sums(int64_t examples) const {
  const double loss = total();
  return {loss, host_correct_ + correct_.item<int64_t>(), examples, std::isfinite(loss)};
}

}  // namespace nnrun
