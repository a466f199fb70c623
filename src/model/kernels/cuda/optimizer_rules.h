#pragma once

#include <cmath>

#include "model/kernels/cuda/host_device.h"
#include "model/kernels/cuda/optimizers.h"

namespace nnrun {

/// One entry of a variable with its slots.
struct Entry {
  float weight, slot0, slot1;
};

NNRUN_HD inline float clipped(float gradient, float limit) {
  if (limit == 0) return gradient;
  return gradient > limit ? limit : gradient < -limit ? -limit : gradient;  // NaN stays
}

/// rate value / (sqrt(square) + epsilon).
NNRUN_HD inline float scaled_step(float rate, float value, float square, float epsilon) {
  return rate * value / (sqrtf(square) + epsilon);
}

/// The rules stand in optimizers.h of the CPU kernels; here entry by entry.
NNRUN_HD inline Entry updated(NnrunUpdateRule rule, const NnrunUpdateConstants& c,
                              const NnrunStepScalars& s, Entry e, float g) {
  switch (rule) {
    case kNnrunSgd:
      e.weight -= s.rate * g;
      break;
    case kNnrunSgdMomentum:
      e.slot0 = c.momentum * e.slot0 - s.rate * g;
      e.weight += c.nesterov != 0 ? c.momentum * e.slot0 - s.rate * g : e.slot0;
      break;
    case kNnrunRmsprop:
      e.slot0 = c.rho * e.slot0 + c.other_rho * (g * g);
      e.weight -= scaled_step(s.rate, g, e.slot0, c.epsilon);
      break;
    case kNnrunRmspropMomentum:
      e.slot0 = c.rho * e.slot0 + c.other_rho * (g * g);
      e.slot1 = c.momentum * e.slot1 + scaled_step(s.rate, g, e.slot0, c.epsilon);
      e.weight -= e.slot1;
      break;
    case kNnrunAdam:
      e.weight -= s.decay * e.weight;
      e.slot0 = c.beta_1 * e.slot0 + c.other_beta_1 * g;
      e.slot1 = c.beta_2 * e.slot1 + c.other_beta_2 * (g * g) + (e.slot1 - e.slot1);
      e.weight -= scaled_step(s.rate, e.slot0, e.slot1, c.epsilon);
      break;
    case kNnrunAdagrad:
      e.slot0 += g * g;
      e.weight -= scaled_step(s.rate, g, e.slot0, c.epsilon);
      break;
  }
  return e;
}

/// Slots that a rule keeps.
NNRUN_HD inline int slots_of(NnrunUpdateRule rule) {
  return rule == kNnrunSgd ? 0 : rule == kNnrunRmspropMomentum || rule == kNnrunAdam ? 2 : 1;
}

/// Entry i of a variable.
NNRUN_HD inline void update_entry(const NnrunUpdate& u, const NnrunUpdateVariable& v, int64_t i) {
  const int slots = slots_of(u.rule);
  float* const weight = u.weights + v.weight_offset + i;
  float* const slot0 = slots > 0 ? u.slots[0] + v.slot_offset + i : nullptr;
  float* const slot1 = slots > 1 ? u.slots[1] + v.slot_offset + i : nullptr;
  float g = clipped(v.gradient[i], u.constants.clip_value);
  if (u.factors != nullptr) g *= u.factors[v.group];
  const Entry now{*weight, slots > 0 ? *slot0 : 0, slots > 1 ? *slot1 : 0};
  const Entry next = updated(u.rule, u.constants, *u.scalars, now, g);
  *weight = next.weight;
  if (slots > 0) *slot0 = next.slot0;
  if (slots > 1) *slot1 = next.slot1;
}

/// What scales a group's gradients.
NNRUN_HD inline float norm_factor(double squares, double limit) {
  const double norm = sqrt(squares);
  return static_cast<float>(norm <= limit ? 1.0 : limit / norm);  // NaN spreads
}

}  // namespace nnrun
