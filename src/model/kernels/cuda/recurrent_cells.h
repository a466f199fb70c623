#pragma once

#include <cmath>

#include "model/kernels/cuda/host_device.h"
#include "model/kernels/cuda/recurrent.h"

/// The cells, one unit at a time. A cell keeps kTape numbers per unit and step, the last of them
/// the state h, the one before it, if there is one, the state c. Gate gradients come as two: `dx`
/// of the projected input, `du` of the recurrent product.
namespace nnrun {

/// 1 / x to a unit in the last place; 0 for an x beyond 2^126. A step waits for every instruction
/// of it, and an exact quotient has many.
NNRUN_HD inline float reciprocal(float x) {
#ifdef __CUDA_ARCH__
  float result;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(result) : "f"(x));
  return result;
#else
  return 1.0F / x;
#endif
}

NNRUN_HD inline float logistic(float x) { return reciprocal(1.0F + expf(-x)); }

/// logistic of both, x below -41 counting as -41 (1.6e-18): one reciprocal, of a product that is
/// within its range, so that neither of the two is left for later.
NNRUN_HD inline void logistic_pair(float x, float y, float* of_x, float* of_y) {
  const float a = 1.0F + expf(x < -41 ? 41.0F : -x), b = 1.0F + expf(y < -41 ? 41.0F : -y);
  const float both = reciprocal(a * b);
  *of_x = both * b;
  *of_y = both * a;
}

/// What runs through the steps of one unit.
struct UnitState {
  float h = 0, c = 0;
};
struct UnitGradient {
  float dh = 0, dc = 0;
};

/// h' = n + z (h - n), r and z logistic, n = tanh(x + r u).
struct GruCell {
  static constexpr int kGates = 3, kTape = 5;  // r, z, n, u of n, h'
  static constexpr bool kHasCell = false;
  static constexpr int kBiases = 2;

  NNRUN_HD static void forward(NnrunCell, const float* x, const float* u, UnitState& s,
                               float* tape) {
    float r = 0, z = 0;
    logistic_pair(x[0] + u[0], x[1] + u[1], &r, &z);
    const float n = tanhf(x[2] + r * u[2]);
    s.h = n + z * (s.h - n);
    tape[0] = r;
    tape[1] = z;
    tape[2] = n;
    tape[3] = u[2];
  }

  NNRUN_HD static void backward(NnrunCell, const float* tape, UnitState before, UnitGradient& d,
                                float* dx, float* du) {
    const float r = tape[0], z = tape[1], n = tape[2];
    dx[1] = d.dh * (before.h - n) * z * (1 - z);
    dx[2] = d.dh * (1 - z) * (1 - n * n);
    dx[0] = dx[2] * tape[3] * r * (1 - r);
    du[0] = dx[0];
    du[1] = dx[1];
    du[2] = dx[2] * r;
    d.dh *= z;
  }
};

/// c' = f c + i g, h' = o tanh(c').
struct LstmCell {
  static constexpr int kGates = 4, kTape = 6;  // i, f, g, o, c', h'
  static constexpr bool kHasCell = true;
  static constexpr int kBiases = 1;

  NNRUN_HD static void forward(NnrunCell, const float* x, const float* u, UnitState& s,
                               float* tape) {
    const float i = logistic(x[0] + u[0]), f = logistic(x[1] + u[1]);
    const float g = tanhf(x[2] + u[2]), o = logistic(x[3] + u[3]);
    s.c = f * s.c + i * g;
    s.h = o * tanhf(s.c);
    tape[0] = i;
    tape[1] = f;
    tape[2] = g;
    tape[3] = o;
  }

  NNRUN_HD static void backward(NnrunCell, const float* tape, UnitState before, UnitGradient& d,
                                float* dx, float* du) {
    const float i = tape[0], f = tape[1], g = tape[2], o = tape[3], t = tanhf(tape[4]);
    const float dc = d.dc + d.dh * o * (1 - t * t);
    dx[0] = dc * g * i * (1 - i);
    dx[1] = dc * before.c * f * (1 - f);
    dx[2] = dc * i * (1 - g * g);
    dx[3] = d.dh * t * o * (1 - o);
    for (int gate = 0; gate < kGates; ++gate) du[gate] = dx[gate];
    d.dc = dc * f;
    d.dh = 0;
  }
};

/// h' = f(x + u).
struct RnnCell {
  static constexpr int kGates = 1, kTape = 1;  // h'
  static constexpr bool kHasCell = false;
  static constexpr int kBiases = 1;

  NNRUN_HD static void forward(NnrunCell cell, const float* x, const float* u, UnitState& s,
                               float*) {
    const float sum = x[0] + u[0];
    s.h = cell == kNnrunRnnTanh ? tanhf(sum) : cell == kNnrunRnnRelu && sum < 0 ? 0 : sum;
  }

  NNRUN_HD static void backward(NnrunCell cell, const float* tape, UnitState, UnitGradient& d,
                                float* dx, float* du) {
    const float h = tape[0];
    const float slope = cell == kNnrunRnnTanh ? 1 - h * h : cell == kNnrunRnnRelu && h <= 0 ? 0 : 1;
    dx[0] = du[0] = d.dh * slope;
    d.dh = 0;
  }
};

/// Numbers of one document's share of the gradients.
template <class Cell>
NNRUN_HD int64_t partial_size(int32_t units) {
  return int64_t{Cell::kGates} * units * (units + Cell::kBiases);
}

}  // namespace nnrun
