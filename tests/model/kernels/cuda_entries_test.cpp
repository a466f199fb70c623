#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "model/kernels/cpu/optimizers.h"
#include "model/kernels/cuda/dropout.h"
#include "model/kernels/cuda/optimizer_rules.h"
#include "model/kernels/kernel_testing.h"
#include "nnrun/random.h"

/// The CUDA kernels of dropout and of the optimizers, run on the host.
namespace nnrun::kernels {
namespace {

TEST(KernelsCudaDropoutTest, MaskIsTheCounterBasedStreams) {
  constexpr double kRate = 0.3;
  constexpr int64_t kCount = 1003;  // the last block is cut
  const RandomStream random(/*seed=*/(int64_t{7} << 33) + 5, Purpose::kDropout, fnv1a("D1"),
                            /*epoch=*/12, /*step=*/(1U << 31) + 3);
  const int32_t epoch = 12;
  const Floats in = random_floats(kCount, 1, 1);
  Floats out(in.size(), -7);
  const NnrunDropout job{in.data(),
                         out.data(),
                         kCount,
                         {random.key()[0], random.key()[1]},
                         random.step(),
                         &epoch,
                         static_cast<uint32_t>(std::ceil(std::ldexp(kRate, 24))),
                         static_cast<float>(1 / (1 - kRate))};
  EXPECT_EQ(nnrun_cuda_dropout(&job, nullptr), nullptr);
  for (size_t i = 0; i < out.size(); ++i) {
    const float mask = random.uniform(i) >= static_cast<float>(kRate) ? job.kept : 0.0F;
    ASSERT_EQ(out[i], in[i] * mask) << i;
  }
}

struct Rule {
  const char* name;
  NnrunUpdateRule cuda;
  UpdateRule cpu;
  bool nesterov;
};
void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }

class KernelsCudaUpdateTest : public testing::TestWithParam<Rule> {};

TEST_P(KernelsCudaUpdateTest, AgreesWithTheCpu) {
  constexpr int64_t kSize = 2500;  // three blocks
  UpdateScalars scalars;
  scalars.rate = 0.02F;
  scalars.decay = GetParam().cuda == kNnrunAdam ? 0.01F : 0;
  scalars.momentum = 0.9F;
  scalars.nesterov = GetParam().nesterov;
  scalars.rho = 0.9F;
  scalars.beta_1 = 0.9F;
  scalars.beta_2 = 0.999F;
  scalars.epsilon = 1e-7F;
  Floats weight = random_floats(kSize, 1, 1), other_weight = weight;
  Floats slots[2] = {Floats(kSize, 0.1F), Floats(kSize, 0.2F)};
  Floats other_slots[2] = {slots[0], slots[1]};
  const NnrunStepScalars step{scalars.rate, scalars.decay};
  NnrunUpdate update{};
  update.rule = GetParam().cuda;
  update.constants = {
      scalars.momentum,   scalars.nesterov, scalars.rho,        1 - scalars.rho, scalars.beta_1,
      1 - scalars.beta_1, scalars.beta_2,   1 - scalars.beta_2, scalars.epsilon, 0};
  update.scalars = &step;
  update.weights = weight.data();
  update.slots[0] = slots[0].data();
  update.slots[1] = slots[1].data();
  for (uint32_t repeat = 0; repeat < 4; ++repeat) {
    const Floats gradient = random_floats(kSize, 1, 10 + repeat);
    const int64_t middle = 1500;
    update.variables = 2;
    update.variable[0] = {gradient.data(), 0, 0, middle, 0, 0};
    update.variable[1] = {gradient.data() + middle, middle, middle, kSize - middle, 0, 0};
    EXPECT_EQ(nnrun_cuda_update(&update, nullptr), nullptr);
    GetParam().cpu(scalars, {other_weight.data(),
                             gradient.data(),
                             {other_slots[0].data(), other_slots[1].data()},
                             kSize});
  }
  expect_close(weight, other_weight, 1e-6, "weight");
  expect_close(slots[0], other_slots[0], 1e-6, "first slot");
  expect_close(slots[1], other_slots[1], 1e-6, "second slot");
}

INSTANTIATE_TEST_SUITE_P(
    Rules, KernelsCudaUpdateTest,
    testing::Values(Rule{"Sgd", kNnrunSgd, update_sgd, false},
                    Rule{"Momentum", kNnrunSgdMomentum, update_sgd_momentum, false},
                    Rule{"Nesterov", kNnrunSgdMomentum, update_sgd_momentum, true},
                    Rule{"Rmsprop", kNnrunRmsprop, update_rmsprop, false},
                    Rule{"RmspropMomentum", kNnrunRmspropMomentum, update_rmsprop_momentum, false},
                    Rule{"Adam", kNnrunAdam, update_adam, false},
                    Rule{"Adagrad", kNnrunAdagrad, update_adagrad, false}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(KernelsCudaAdamTest, AnOverflowEndsAsNan) {
  NnrunUpdateConstants constants{};
  constants.beta_2 = 0.999F;
  constants.other_beta_2 = 1 - constants.beta_2;
  const Entry once = updated(kNnrunAdam, constants, {0.1F, 0}, {1, 0, 0}, 1e20F);
  EXPECT_TRUE(std::isinf(once.slot1));
  EXPECT_TRUE(std::isnan(updated(kNnrunAdam, constants, {0.1F, 0}, once, 1).weight));
}

TEST(KernelsCudaClipTest, ValuesNormsAndNan) {
  EXPECT_EQ(clipped(3, 2), 2);
  EXPECT_EQ(clipped(-3, 2), -2);
  EXPECT_EQ(clipped(1, 2), 1);
  EXPECT_EQ(clipped(3, 0), 3);
  EXPECT_TRUE(std::isnan(clipped(std::nanf(""), 2)));
  EXPECT_EQ(norm_factor(16, 8), 1);
  EXPECT_EQ(norm_factor(16, 1), 0.25F);
  EXPECT_TRUE(std::isnan(norm_factor(std::nan(""), 1)));
}

/// Two variables of one group, one of another: 3 is the norm of the first group's gradient, 5 that
/// of the second's.
TEST(KernelsCudaClipTest, NormsScaleTheirGroups) {
  constexpr double kLimit = 4;
  const NnrunStepScalars step{1, 0};
  const Floats two{2}, others{3, 4};
  Floats first(1100, 0.0F), weights(1103, 0.0F);
  first[0] = first[1099] = 1;  // the second lies in the last of its blocks
  first[512] = std::sqrt(3.0F);
  NnrunUpdate update{};
  update.rule = kNnrunSgd;
  update.scalars = &step;
  update.weights = weights.data();
  update.variables = 3;
  update.variable[0] = {first.data(), 0, 0, 1100, /*group=*/0, 0};
  update.variable[1] = {others.data(), 1100, 0, 2, /*group=*/1, 0};
  update.variable[2] = {two.data(), 1102, 0, 1, /*group=*/0, 0};
  const int64_t blocks = nnrun_cuda_square_blocks(&update);
  std::vector<double> partials(static_cast<size_t>(blocks + 1), 1e9);
  std::vector<int32_t> groups(partials.size(), -1);
  EXPECT_EQ(nnrun_cuda_squares(&update, partials.data(), groups.data(), /*first=*/1, nullptr),
            nullptr);
  Floats factors(2, -7);
  const NnrunNorms norms{partials.data() + 1, groups.data() + 1, blocks, kLimit, factors.data(), 2};
  EXPECT_EQ(nnrun_cuda_norm_factors(&norms, nullptr), nullptr);
  EXPECT_EQ(factors, (Floats{1, 0.8F}));
  update.factors = factors.data();
  EXPECT_EQ(nnrun_cuda_update(&update, nullptr), nullptr);
  EXPECT_EQ(weights[1099], -1);
  EXPECT_FLOAT_EQ(weights[1101], -3.2F);
  EXPECT_EQ(weights[1102], -2);
}

}  // namespace
}  // namespace nnrun::kernels
