#include "model/kernels/cpu/optimizers.h"

// This file is compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/cpu/optimizers.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace nnrun::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Calls rule(d, first entry) for whole vectors, then entry by entry.
template <class Rule>
HWY_INLINE void for_each_vector(int64_t size, const Rule& rule) {
  const hn::ScalableTag<float> whole;
  const auto lanes = static_cast<int64_t>(hn::Lanes(whole));
  int64_t i = 0;
  for (; i + lanes <= size; i += lanes) rule(whole, i);
  for (; i < size; ++i) rule(hn::CappedTag<float, 1>(), i);
}

/// share old + (1 - share) value.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V moving_mean(D d, float share, V old, V value) {
  return hn::MulAdd(hn::Set(d, share), old, hn::Mul(hn::Set(d, 1 - share), value));
}

/// rate value / (sqrt(square) + epsilon).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V scaled_step(D d, const UpdateScalars& s, V value, V square) {
  const V root = hn::Add(hn::Sqrt(square), hn::Set(d, s.epsilon));
  return hn::Div(hn::Mul(hn::Set(d, s.rate), value), root);
}

void sgd(const UpdateScalars& s, const UpdateArrays& a) {
  for_each_vector(a.size, [&](auto d, int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, a.gradient + i), w = hn::LoadU(d, a.weight + i);
    hn::StoreU(hn::NegMulAdd(hn::Set(d, s.rate), g, w), d, a.weight + i);
  });
}

void sgd_momentum(const UpdateScalars& s, const UpdateArrays& a) {
  for_each_vector(a.size, [&](auto d, int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, a.gradient + i), w = hn::LoadU(d, a.weight + i);
    const auto move = hn::Mul(hn::Set(d, s.rate), g), momentum = hn::Set(d, s.momentum);
    const auto v = hn::MulSub(momentum, hn::LoadU(d, a.slots[0] + i), move);
    hn::StoreU(v, d, a.slots[0] + i);
    hn::StoreU(hn::Add(w, s.nesterov ? hn::MulSub(momentum, v, move) : v), d, a.weight + i);
  });
}

void rmsprop(const UpdateScalars& s, const UpdateArrays& a) {
  for_each_vector(a.size, [&](auto d, int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, a.gradient + i), w = hn::LoadU(d, a.weight + i);
    const auto square = moving_mean(d, s.rho, hn::LoadU(d, a.slots[0] + i), hn::Mul(g, g));
    hn::StoreU(square, d, a.slots[0] + i);
    hn::StoreU(hn::Sub(w, scaled_step(d, s, g, square)), d, a.weight + i);
  });
}

void rmsprop_momentum(const UpdateScalars& s, const UpdateArrays& a) {
  for_each_vector(a.size, [&](auto d, int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, a.gradient + i), w = hn::LoadU(d, a.weight + i);
    const auto square = moving_mean(d, s.rho, hn::LoadU(d, a.slots[0] + i), hn::Mul(g, g));
    const auto v = hn::MulAdd(hn::Set(d, s.momentum), hn::LoadU(d, a.slots[1] + i),
                              scaled_step(d, s, g, square));
    hn::StoreU(square, d, a.slots[0] + i);
    hn::StoreU(v, d, a.slots[1] + i);
    hn::StoreU(hn::Sub(w, v), d, a.weight + i);
  });
}

void adam(const UpdateScalars& s, const UpdateArrays& a) {
  for_each_vector(a.size, [&](auto d, int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, a.gradient + i), w = hn::LoadU(d, a.weight + i);
    const auto m = moving_mean(d, s.beta_1, hn::LoadU(d, a.slots[0] + i), g);
    const auto before = hn::LoadU(d, a.slots[1] + i), overflow = hn::Sub(before, before);  // 0, NaN
    const auto v = hn::Add(moving_mean(d, s.beta_2, before, hn::Mul(g, g)), overflow);
    hn::StoreU(m, d, a.slots[0] + i);
    hn::StoreU(v, d, a.slots[1] + i);
    const auto decayed = hn::NegMulAdd(hn::Set(d, s.decay), w, w);
    hn::StoreU(hn::Sub(decayed, scaled_step(d, s, m, v)), d, a.weight + i);
  });
}

void adagrad(const UpdateScalars& s, const UpdateArrays& a) {
  for_each_vector(a.size, [&](auto d, int64_t i) HWY_ATTR {
    const auto g = hn::LoadU(d, a.gradient + i), w = hn::LoadU(d, a.weight + i);
    const auto sum = hn::MulAdd(g, g, hn::LoadU(d, a.slots[0] + i));
    hn::StoreU(sum, d, a.slots[0] + i);
    hn::StoreU(hn::Sub(w, scaled_step(d, s, g, sum)), d, a.weight + i);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace nnrun::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace nnrun::kernels {

HWY_EXPORT(sgd);
HWY_EXPORT(sgd_momentum);
HWY_EXPORT(rmsprop);
HWY_EXPORT(rmsprop_momentum);
HWY_EXPORT(adam);
HWY_EXPORT(adagrad);

void update_sgd(const UpdateScalars& s, const UpdateArrays& a) { HWY_DYNAMIC_DISPATCH(sgd)(s, a); }
void update_sgd_momentum(const UpdateScalars& s, const UpdateArrays& a) {
  HWY_DYNAMIC_DISPATCH(sgd_momentum)(s, a);
}
void update_rmsprop(const UpdateScalars& s, const UpdateArrays& a) {
  HWY_DYNAMIC_DISPATCH(rmsprop)(s, a);
}
void update_rmsprop_momentum(const UpdateScalars& s, const UpdateArrays& a) {
  HWY_DYNAMIC_DISPATCH(rmsprop_momentum)(s, a);
}
void update_adam(const UpdateScalars& s, const UpdateArrays& a) {
  HWY_DYNAMIC_DISPATCH(adam)(s, a);
}
void update_adagrad(const UpdateScalars& s, const UpdateArrays& a) {
  HWY_DYNAMIC_DISPATCH(adagrad)(s, a);
}

}  // namespace nnrun::kernels
#endif  // HWY_ONCE
