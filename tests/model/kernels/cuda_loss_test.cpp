#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "model/kernels/cpu/loss.h"
#include "model/kernels/cuda/loss_entry.h"
#include "model/kernels/kernel_testing.h"

/// The CUDA loss kernel, run on the host.
namespace nnrun::kernels {
namespace {

LossShare run(NnrunLoss job) {
  LossShare sums{0, 0};
  job.loss = &sums.loss;
  job.correct = &sums.correct;
  EXPECT_EQ(nnrun_cuda_loss(&job, nullptr), nullptr);
  return sums;
}

std::vector<int64_t> some_labels(int64_t rows, int64_t classes) {
  std::vector<int64_t> labels;
  for (int64_t row = 0; row < rows; ++row) labels.push_back((row * 7 + row / 5) % classes);
  return labels;
}

class KernelsCudaLossTest : public testing::TestWithParam<std::array<int64_t, 2>> {};

TEST_P(KernelsCudaLossTest, AgreesWithTheCpu) {
  const auto [rows, classes] = GetParam();
  const Floats logits = random_floats(rows * classes, 4, 3);
  const std::vector<int64_t> labels = some_labels(rows, classes);
  Floats here(logits.size()), there(logits.size());
  const LossShare a =
      run({logits.data(), labels.data(), rows, classes, here.data(), nullptr, nullptr});
  const LossSums b =
      softmax_cross_entropy(logits.data(), labels.data(), rows, classes, there.data());
  EXPECT_NEAR(a.loss, b.loss, 1e-12 * b.loss);  // the order of double sums
  EXPECT_EQ(a.correct, b.correct);
  EXPECT_EQ(here, there);
}

INSTANTIATE_TEST_SUITE_P(Shapes, KernelsCudaLossTest,
                         testing::Values(std::array<int64_t, 2>{1, 2},
                                         std::array<int64_t, 2>{37, 10},
                                         std::array<int64_t, 2>{512, 4},
                                         std::array<int64_t, 2>{1301, 64}));

// Logits (0, ln 3) and (ln 2, 0), both with label 0: softmaxes (1/4, 3/4) and (2/3, 1/3).
TEST(KernelsCudaLossTestRow, FollowsTheDefinition) {
  const Floats logits{0.F, std::log(3.F), std::log(2.F), 0.F};
  const std::vector<int64_t> labels{0, 0};
  Floats gradient(4);
  const LossShare sums =
      run({logits.data(), labels.data(), 2, 2, gradient.data(), nullptr, nullptr});
  EXPECT_NEAR(sums.loss, std::log(4.0) + std::log(1.5), 1e-6);
  EXPECT_EQ(sums.correct, 1);
  expect_close(gradient, std::vector<double>{-0.375, 0.375, -1.0 / 6, 1.0 / 6}, 1e-6, "gradient");
}

double loss_of(const std::vector<double>& logits, int64_t label) {
  const auto classes = static_cast<int64_t>(logits.size());
  return loss_row<double>(logits.data(), label, classes, 1, nullptr).loss;
}

TEST(KernelsCudaLossTestRow, GradientIsTheLossesSlope) {
  constexpr double kStep = 1e-5, kShare = 0.25;
  const std::vector<double> logits{0.3, -1.2, 2.5, 0.9, -0.4};
  std::vector<double> gradient(logits.size());
  for (int64_t label = 0; label < 5; ++label) {
    loss_row<double>(logits.data(), label, 5, kShare, gradient.data());
    for (size_t i = 0; i < logits.size(); ++i) {
      std::vector<double> up = logits, down = logits;
      up[i] += kStep;
      down[i] -= kStep;
      const double slope = (loss_of(up, label) - loss_of(down, label)) / (2 * kStep);
      EXPECT_NEAR(gradient[i], kShare * slope, 1e-9) << "label " << label << ", logit " << i;
    }
  }
}

TEST(KernelsCudaLossTestRow, GradientsKeepTheirDigitsAtLargeLogits) {
  const Floats logits{1e6F, 1e6F + 1, 1e6F - 1};
  Floats gradient(3);
  loss_row<float>(logits.data(), 1, 3, 1, gradient.data());
  const double sum = 1 + std::exp(1.0) + std::exp(-1.0);
  const std::vector<double> expected{1 / sum, std::exp(1.0) / sum - 1, std::exp(-1.0) / sum};
  expect_close(gradient, expected, 1e-6, "gradient");
}

TEST(KernelsCudaLossTestRow, FirstOfEqualsIsTheAnswer) {
  const Floats logits{1.F, 2.F, 2.F};
  EXPECT_EQ(loss_row<float>(logits.data(), 1, 3, 1, nullptr).correct, 1);
  EXPECT_EQ(loss_row<float>(logits.data(), 2, 3, 1, nullptr).correct, 0);
}

TEST(KernelsCudaLossTestRow, LargeLogitsDoNotOverflowAndNanSpreads) {
  const float kNan = std::numeric_limits<float>::quiet_NaN();
  const Floats large{1000.F, 0.F, -1000.F}, broken{1.F, kNan, 2.F};
  EXPECT_EQ(loss_row<float>(large.data(), 0, 3, 1, nullptr).loss, 0);
  EXPECT_EQ(loss_row<float>(large.data(), 2, 3, 1, nullptr).loss, 2000);
  Floats gradient(3);
  const LossShare row = loss_row<float>(broken.data(), 1, 3, 1, gradient.data());
  EXPECT_TRUE(std::isnan(row.loss));
  EXPECT_EQ(row.correct, 1);  // as argmax has it: a NaN is the largest
  for (const float g : gradient) EXPECT_TRUE(std::isnan(g));
}

}  // namespace
}  // namespace nnrun::kernels
