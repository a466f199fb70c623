#pragma once

#include <cmath>
#include <vector>

#include "model/kernels/cpu/kernels.h"

/// Recurrent layers written down plainly, in double precision, one document at a time.
namespace nnrun::kernels::reference {

using Values = std::vector<double>;

struct Recurrent {
  RecurrentShape shape;
  Values weight_ih, weight_hh, bias_ih, bias_hh;  ///< layouts of RecurrentWeights
  Values input;                                   ///< [N, F, L]
  std::vector<int64_t> lengths;                   ///< [N]; empty: all L

  int64_t gates() const { return shape.cell == Cell::kGru ? 3 : shape.cell == Cell::kLstm ? 4 : 1; }
};

inline double logistic(double x) { return 1 / (1 + std::exp(-x)); }

inline double rnn_activation(Cell cell, double x) {
  if (cell == Cell::kRnnTanh) return std::tanh(x);
  return cell == Cell::kRnnRelu && x < 0 ? 0 : x;
}

/// matrix row `row` times `vector`.
inline double dot_row(const Values& matrix, int64_t row, const Values& vector) {
  double sum = 0;
  for (size_t i = 0; i < vector.size(); ++i)
    sum += matrix[static_cast<size_t>(row) * vector.size() + i] * vector[i];
  return sum;
}

/// Replaces h (and c) by the next state for input x.
inline void cell_step(const Recurrent& r, const Values& x, Values& h, Values& c) {
  const int64_t units = r.shape.units;
  const auto in = [&](int64_t gate, int64_t u) {
    const int64_t row = gate * units + u;
    return dot_row(r.weight_ih, row, x) + r.bias_ih[static_cast<size_t>(row)];
  };
  const auto recurrent = [&](int64_t gate, int64_t u) {
    const int64_t row = gate * units + u;
    const double bias = r.shape.cell == Cell::kGru ? r.bias_hh[static_cast<size_t>(row)] : 0;
    return dot_row(r.weight_hh, row, h) + bias;
  };
  Values next = h;
  for (int64_t u = 0; u < units; ++u) {
    const auto i = static_cast<size_t>(u);
    if (r.shape.cell == Cell::kGru) {
      const double reset = logistic(in(0, u) + recurrent(0, u));
      const double update = logistic(in(1, u) + recurrent(1, u));
      const double candidate = std::tanh(in(2, u) + reset * recurrent(2, u));
      next[i] = update * h[i] + (1 - update) * candidate;
    } else if (r.shape.cell == Cell::kLstm) {
      c[i] = logistic(in(1, u) + recurrent(1, u)) * c[i] +
             logistic(in(0, u) + recurrent(0, u)) * std::tanh(in(2, u) + recurrent(2, u));
      next[i] = logistic(in(3, u) + recurrent(3, u)) * std::tanh(c[i]);
    } else {
      next[i] = rnn_activation(r.shape.cell, in(0, u) + recurrent(0, u));
    }
  }
  h = next;
}

/// [N, H] or [N, H, L].
inline Values forward(const Recurrent& r) {
  const auto& s = r.shape;
  Values output(static_cast<size_t>(s.batch * s.units * (s.sequence ? s.length : 1)));
  for (int64_t n = 0; n < s.batch; ++n) {
    Values h(static_cast<size_t>(s.units), 0), c = h, x(static_cast<size_t>(s.inputs));
    for (int64_t step = 0; step < s.length; ++step) {
      const int64_t t = s.reverse ? s.length - 1 - step : step;
      for (int64_t f = 0; f < s.inputs; ++f)
        x[static_cast<size_t>(f)] = r.input[static_cast<size_t>((n * s.inputs + f) * s.length + t)];
      if (r.lengths.empty() || t < r.lengths[static_cast<size_t>(n)]) cell_step(r, x, h, c);
      for (int64_t u = 0; u < s.units; ++u) {
        const int64_t at = s.sequence ? (n * s.units + u) * s.length + t : n * s.units + u;
        output[static_cast<size_t>(at)] = h[static_cast<size_t>(u)];
      }
    }
  }
  return output;
}

}  // namespace nnrun::kernels::reference
