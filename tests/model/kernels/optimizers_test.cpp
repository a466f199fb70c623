#include "model/kernels/cpu/optimizers.h"

#include <gtest/gtest.h>

#include "model/kernels/kernel_testing.h"

namespace nnrun::kernels {
namespace {

/// One entry in double precision: weight, gradient and slots before the update, weight and slots
/// after.
struct Entry {
  double w, g, a, b;
};
using Rule = void (*)(const UpdateScalars&, Entry&);

const UpdateScalars kScalars{0.02f, 0.01f, 0.7f, false, 0.8f, 0.85f, 0.95f, 1e-3f};
const UpdateScalars kNesterov{0.02f, 0, 0.7f, true, 0, 0, 0, 0};

struct Case {
  const char* name;
  UpdateRule kernel;
  UpdateScalars scalars;
  Rule rule;
};

double root(double square, const UpdateScalars& s) { return std::sqrt(square) + s.epsilon; }

const std::vector<Case> kCases{
    {"Sgd", update_sgd, kScalars, [](const UpdateScalars& s, Entry& e) { e.w -= s.rate * e.g; }},
    {"Momentum", update_sgd_momentum, kScalars,
     [](const UpdateScalars& s, Entry& e) {
       e.a = s.momentum * e.a - s.rate * e.g;
       e.w += e.a;
     }},
    {"Nesterov", update_sgd_momentum, kNesterov,
     [](const UpdateScalars& s, Entry& e) {
       e.a = s.momentum * e.a - s.rate * e.g;
       e.w += s.momentum * e.a - s.rate * e.g;
     }},
    {"Rmsprop", update_rmsprop, kScalars,
     [](const UpdateScalars& s, Entry& e) {
       e.a = s.rho * e.a + (1 - s.rho) * e.g * e.g;
       e.w -= s.rate * e.g / root(e.a, s);
     }},
    {"RmspropMomentum", update_rmsprop_momentum, kScalars,
     [](const UpdateScalars& s, Entry& e) {
       e.a = s.rho * e.a + (1 - s.rho) * e.g * e.g;
       e.b = s.momentum * e.b + s.rate * e.g / root(e.a, s);
       e.w -= e.b;
     }},
    {"Adam", update_adam, kScalars,
     [](const UpdateScalars& s, Entry& e) {
       e.a = s.beta_1 * e.a + (1 - s.beta_1) * e.g;
       e.b = s.beta_2 * e.b + (1 - s.beta_2) * e.g * e.g;
       e.w = e.w - s.decay * e.w - s.rate * e.a / root(e.b, s);
     }},
    {"Adagrad", update_adagrad, kScalars,
     [](const UpdateScalars& s, Entry& e) {
       e.a += e.g * e.g;
       e.w -= s.rate * e.g / root(e.a, s);
     }},
};

class KernelsOptimizersTest : public testing::TestWithParam<Case> {};

/// Weights, slots and a gradient of `size` entries; slots are positive, as squares are.
struct State {
  explicit State(int64_t size)
      : w(random_floats(size, 1, 1)),
        g(random_floats(size, 1, 2)),
        a(random_floats(size, 1, 3)),
        b(a) {
    for (float& value : a) value = std::abs(value);
    for (float& value : b) value = std::abs(value) / 2;
  }
  UpdateArrays arrays(size_t first, size_t last) {
    return {w.data() + first,
            g.data() + first,
            {a.data() + first, b.data() + first},
            static_cast<int64_t>(last - first)};
  }
  Floats w, g, a, b;
};

TEST_P(KernelsOptimizersTest, FollowsTheRule) {
  for_each_instruction_set([](const char* name) {
    SCOPED_TRACE(name);
    State state(37);
    const State before = state;
    GetParam().kernel(GetParam().scalars, state.arrays(0, 37));
    for (size_t i = 0; i < before.w.size(); ++i) {
      Entry entry{before.w[i], before.g[i], before.a[i], before.b[i]};
      GetParam().rule(GetParam().scalars, entry);
      EXPECT_NEAR(state.w[i], entry.w, 3e-7) << i;
      EXPECT_NEAR(state.a[i], entry.a, 2e-7) << i;
      EXPECT_NEAR(state.b[i], entry.b, 2e-7) << i;
    }
  });
}

TEST(KernelsAdamTest, AnOverflowEndsAsNan) {
  for_each_instruction_set([](const char* name) {
    SCOPED_TRACE(name);
    State state(37);
    state.g.assign(37, 1e20f);
    update_adam(kScalars, state.arrays(0, 37));
    for (const float square : state.b) EXPECT_TRUE(std::isinf(square));
    state.g.assign(37, 1);
    update_adam(kScalars, state.arrays(0, 37));
    for (const float weight : state.w) EXPECT_TRUE(std::isnan(weight));
  });
}

TEST_P(KernelsOptimizersTest, PiecesGiveTheSameBits) {
  State whole(101), pieces(101);
  GetParam().kernel(GetParam().scalars, whole.arrays(0, 101));
  GetParam().kernel(GetParam().scalars, pieces.arrays(0, 43));
  GetParam().kernel(GetParam().scalars, pieces.arrays(43, 101));
  EXPECT_EQ(whole.w, pieces.w);
  EXPECT_EQ(whole.a, pieces.a);
  EXPECT_EQ(whole.b, pieces.b);
}

INSTANTIATE_TEST_SUITE_P(Rules, KernelsOptimizersTest, testing::ValuesIn(kCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace nnrun::kernels
