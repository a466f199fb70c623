#include <gtest/gtest.h>

#include <cmath>

#include "model/layers.h"
#include "model/model_fixture.h"

// Dropout as Keras defines it: inverted, entries independent, the identity in evaluation. Masks are
// nnrun's own, so their law is tested, within bounds that a correct law leaves once in a million.
namespace nnrun {
namespace {

constexpr double kSigmas = 5;
constexpr int64_t kSide = 300;

/// The layer alone on ones [kSide, kSide]: its output is the mask.
class Mask {
 public:
  explicit Mask(double rate, const std::string& name = "D", bool in_evaluation = false) {
    plan_.config.name = name;
    plan_.config.type = LayerType::kDropout;
    plan_.config.rate = rate;
    plan_.config.in_evaluation = in_evaluation;
    context_.training = true;
    context_.seed = 7;
  }

  at::Tensor of(const at::Tensor& x) const {
    const TensorBank none({}, at::kCPU);
    return build_layer(plan_, {none})->forward(x, context_);
  }
  at::Tensor values() const { return of(at::ones({kSide, kSide})); }
  Context& context() { return context_; }

 private:
  LayerPlan plan_;
  Context context_;
};

/// Share of nonzero entries.
double share(const at::Tensor& mask) { return mask.ne(0).to(at::kDouble).mean().item<double>(); }

TEST(DropoutTest, KeepsTheExpectation) {
  for (const double rate : {0.1, 0.2, 0.5, 0.9}) {
    const at::Tensor mask = Mask(rate).values();
    const auto kept = static_cast<float>(1 / (1 - rate));
    EXPECT_TRUE((mask.eq(0) | mask.eq(kept)).all().item<bool>()) << rate;
    const double error = std::sqrt(rate * (1 - rate) / static_cast<double>(mask.numel()));
    EXPECT_NEAR(share(mask), 1 - rate, kSigmas * error) << rate;
  }
}

TEST(DropoutTest, DropsEntriesIndependently) {
  const at::Tensor mask = Mask(0.5).values();
  for (const int64_t distance : {1, 2, 3, 4, 5, 7, 8, 16}) {
    for (const int64_t axis : {0, 1}) {
      const at::Tensor both =
          mask.narrow(axis, 0, kSide - distance) * mask.narrow(axis, distance, kSide - distance);
      const double error = std::sqrt(0.25 * 0.75 / static_cast<double>(both.numel()));
      EXPECT_NEAR(share(both), 0.25, kSigmas * error) << distance << " along " << axis;
    }
  }
}

TEST(DropoutTest, DrawsAnewForEachSeedLayerEpochAndStep) {
  const at::Tensor first = Mask(0.5).values();
  Mask seed(0.5), epoch(0.5), step(0.5);
  seed.context().seed = 8;
  epoch.context().epoch = 1;
  step.context().step = 1;
  for (const Mask& other : {seed, epoch, step, Mask(0.5, "E")}) {
    const double error = std::sqrt(0.25 * 0.75 / static_cast<double>(first.numel()));
    EXPECT_NEAR(share(first * other.values()), 0.25, kSigmas * error);
  }
  EXPECT_TRUE(at::equal(first, Mask(0.5).values()));
}

TEST(DropoutTest, EvaluationPassesThroughUnlessAsked) {
  Mask plain(0.5), always(0.5, "D", /*in_evaluation=*/true);
  plain.context().training = always.context().training = false;
  EXPECT_EQ(share(plain.values()), 1);
  EXPECT_NEAR(share(always.values()), 0.5, 0.02);
}

TEST(DropoutTest, RateZeroKeepsEverything) {
  EXPECT_TRUE(at::equal(Mask(0).values(), at::ones({kSide, kSide})));
}

TEST(DropoutTest, GradientPassesWhereTheEntryDid) {
  const at::Tensor x = at::ones({kSide, kSide}).requires_grad_();
  const at::Tensor y = Mask(0.3).of(x);
  const at::Tensor gradient = torch::autograd::grad({y.sum()}, {x})[0];
  EXPECT_TRUE(at::equal(gradient, y.detach()));
}

}  // namespace
}  // namespace nnrun
