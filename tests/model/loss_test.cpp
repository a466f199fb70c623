#include "model/loss.h"

#include "model/devices.h"

namespace nnrun {
namespace {

using namespace testing;

struct Outcome {
  at::Tensor gradient;  // of the logits
  Sums sums;
};

Outcome outcome_of(LossForm* form, const at::Tensor& values, const at::Tensor& labels) {
  const at::Tensor logits = values.detach().clone().set_requires_grad(true);
  Meter meter(logits.device());
  const LossRoot root = form(logits, labels, meter);
  const auto gradients = torch::autograd::grad({root.output}, {logits}, {root.gradient});
  return {gradients[0].cpu(), meter.sums(labels.size(0))};
}

/// The CUDA half's loss beside LibTorch's operations.
class LossTest : public CudaHalfTest {
 protected:
  void expect_same(const at::Tensor& values, double tolerance = 1e-6) const {
    const at::Tensor labels = at::arange(values.size(0)).remainder(values.size(1));
    const Outcome a = outcome_of(half->loss(), values.to(device), labels.to(device));
    const Outcome b = outcome_of(tensor_loss, values.to(at::kFloat), labels);
    EXPECT_EQ(a.gradient.scalar_type(), values.scalar_type());
    EXPECT_LE((a.gradient - b.gradient).abs().max().item<double>(),
              tolerance / static_cast<double>(values.size(0)));
    EXPECT_NEAR(a.sums.loss, b.sums.loss, 1e-6 * b.sums.loss);
    EXPECT_EQ(a.sums.correct, b.sums.correct);
  }
};

TEST_P(LossTest, AgreesWithThePlainForm) {
  at::manual_seed(3);
  for (const int64_t classes : {2, 10, 64, 65}) expect_same(at::randn({33, classes}) * 3);
}

TEST_P(LossTest, TakesLogitsOfBfloat16AndOfAnyLayout) {
  at::manual_seed(4);
  expect_same((at::randn({9, 5}) * 3).t());
  expect_same((at::randn({6, 7}) * 3).to(at::kBFloat16), /*tolerance=*/std::ldexp(1, -8));
}

TEST_P(LossTest, AddsUpBatchesAndLetsNonFiniteLossesSpread) {
  Meter meter(device);
  const at::Tensor labels = at::zeros({2}, at::TensorOptions(at::kLong).device(device));
  const at::NoGradGuard no_grad;
  half->loss()(at::zeros({2, 4}, labels.options().dtype(at::kFloat)), labels, meter);
  half->loss()(at::zeros({1, 2}, labels.options().dtype(at::kFloat)), labels.narrow(0, 0, 1),
               meter);
  EXPECT_NEAR(meter.sums(3).loss, 2 * std::log(4.0) + std::log(2.0), 1e-12);
  EXPECT_EQ(meter.sums(3).correct, 3);
  half->loss()(at::full({2, 4}, std::nanf(""), labels.options().dtype(at::kFloat)), labels, meter);
  EXPECT_FALSE(meter.finite());
  meter.clear();
  EXPECT_EQ(meter.sums(0).loss, 0);
}

INSTANTIATE_TEST_SUITE_P(Places, LossTest, ::testing::Values(Place::kHostHalf, Place::kGpu),
                         [](const auto& tested) { return place_name(tested.param); });

}  // namespace
}  // namespace nnrun
