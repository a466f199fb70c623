#pragma once

#include <cstdint>

/// Keras's update rules, one pass over memory each. The entries are independent of each other: an
/// array may be cut at will.
namespace nnrun::kernels {

/// What an update depends on besides the arrays; each rule reads what it names.
struct UpdateScalars {
  float rate = 0;   ///< Adam: with both bias corrections, rate sqrt(1 - beta_2^t) / (1 - beta_1^t)
  float decay = 0;  ///< share of each weight that AdamW takes off first; Adam: 0
  float momentum = 0;
  bool nesterov = false;
  float rho = 0;
  float beta_1 = 0, beta_2 = 0;
  float epsilon = 0;  ///< added to the root
};

/// Entries of one variable and of its slots.
struct UpdateArrays {
  float* weight = nullptr;
  const float* gradient = nullptr;
  float* slots[2] = {nullptr, nullptr};
  int64_t size = 0;
};

using UpdateRule = void (*)(const UpdateScalars&, const UpdateArrays&);

/// w -= rate g.
void update_sgd(const UpdateScalars& scalars, const UpdateArrays& arrays);

/// v = momentum v - rate g; w += v, or with Nesterov w += momentum v - rate g. Slots: v.
void update_sgd_momentum(const UpdateScalars& scalars, const UpdateArrays& arrays);

/// s = rho s + (1 - rho) g^2; w -= rate g / (sqrt(s) + epsilon). Slots: s.
void update_rmsprop(const UpdateScalars& scalars, const UpdateArrays& arrays);

/// As rmsprop, with v = momentum v + rate g / (sqrt(s) + epsilon); w -= v. Slots: s, v.
void update_rmsprop_momentum(const UpdateScalars& scalars, const UpdateArrays& arrays);

/// m = beta_1 m + (1 - beta_1) g; v = beta_2 v + (1 - beta_2) g^2;
/// w = (w - decay w) - rate m / (sqrt(v) + epsilon). Slots: m, v. An infinite v turns NaN, as in
/// Keras's v += (1 - beta_2) (g^2 - v); such a weight would never move again.
void update_adam(const UpdateScalars& scalars, const UpdateArrays& arrays);

/// s += g^2; w -= rate g / (sqrt(s) + epsilon). Slots: s.
void update_adagrad(const UpdateScalars& scalars, const UpdateArrays& arrays);

}  // namespace nnrun::kernels
