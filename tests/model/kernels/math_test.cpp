#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

// This file is compiled once per instruction set; the tests run on the best one of the machine.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/math_test.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
#include "model/kernels/cpu/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {

using Lanes = hn::ScalableTag<float>;

void apply_sigmoid(float* values, size_t count) {
  const Lanes d;
  for (size_t i = 0; i < count; i += hn::Lanes(d))
    hn::StoreU(sigmoid(d, hn::LoadU(d, values + i)), d, values + i);
}

void apply_tanh(float* values, size_t count) {
  const Lanes d;
  for (size_t i = 0; i < count; i += hn::Lanes(d))
    hn::StoreU(tanh(d, hn::LoadU(d, values + i)), d, values + i);
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "model/kernels/kernel_testing.h"

namespace nnrun::kernels {
namespace {

HWY_EXPORT(apply_sigmoid);
HWY_EXPORT(apply_tanh);

/// Every 997th float of both signs up to `limit`, filled up to whole vectors.
Floats arguments(float limit) {
  Floats values;
  for (uint32_t bits = 0;; bits += 997) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    if (value > limit) break;
    values.insert(values.end(), {value, -value});
  }
  values.resize((values.size() + 15) / 16 * 16);
  return values;
}

/// Largest error in units of the last place of the exact value.
template <class Exact>
double worst_ulp(const Floats& arguments, const Floats& values, const Exact& exact) {
  double worst = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double expected = exact(static_cast<double>(arguments[i]));
    const int exponent =
        std::max(std::ilogb(expected), std::numeric_limits<float>::min_exponent - 1);
    worst = std::max(worst, std::abs(values[i] - expected) / std::ldexp(1., exponent - 23));
  }
  return worst;
}

TEST(KernelsMathTest, SigmoidIsExactToTheStatedUlp) {
  const Floats in = arguments(87);
  for_each_instruction_set([&](const char* name) {
    Floats out = in;
    HWY_DYNAMIC_DISPATCH(apply_sigmoid)(out.data(), out.size());
    const double worst = worst_ulp(in, out, [](double x) { return 1 / (1 + std::exp(-x)); });
    RecordProperty(std::string("ulp_") + name, std::to_string(worst));
    EXPECT_LE(worst, 2.5) << name;
  });
}

TEST(KernelsMathTest, TanhIsExactToTheStatedUlp) {
  const Floats in = arguments(30);
  for_each_instruction_set([&](const char* name) {
    Floats out = in;
    HWY_DYNAMIC_DISPATCH(apply_tanh)(out.data(), out.size());
    const double worst = worst_ulp(in, out, [](double x) { return std::tanh(x); });
    RecordProperty(std::string("ulp_") + name, std::to_string(worst));
    EXPECT_LE(worst, 2.5) << name;
  });
}

TEST(KernelsMathTest, ExtremesAndNanAreKept) {
  const float infinity = std::numeric_limits<float>::infinity();
  const Floats in{0, -0.f, infinity, -infinity, std::nanf(""), 100, -100, 1e-30f, -1e-30f, 0, 0, 0,
                  0, 0,    0,        0};
  for_each_instruction_set([&](const char* name) {
    SCOPED_TRACE(name);
    Floats t = in, s = in;
    HWY_DYNAMIC_DISPATCH(apply_tanh)(t.data(), t.size());
    HWY_DYNAMIC_DISPATCH(apply_sigmoid)(s.data(), s.size());
    EXPECT_EQ(t[2], 1);
    EXPECT_EQ(t[3], -1);
    EXPECT_TRUE(std::isnan(t[4]) && std::isnan(s[4]));
    EXPECT_EQ(t[7], 1e-30f);
    EXPECT_EQ(t[8], -1e-30f);
    EXPECT_EQ(s[0], 0.5f);
    EXPECT_EQ(s[2], 1);
    EXPECT_LT(s[3], 1e-37f);
  });
}

}  // namespace
}  // namespace nnrun::kernels
#endif  // HWY_ONCE
