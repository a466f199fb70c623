#pragma once

#include <cstdint>

/// One recurrent layer in one direction over whole sequences, up to 32 units: one warp per
/// document, a lane per unit, the recurrent weights in registers. Axes: N documents, L positions, H
/// units, G gates (gru 3: r, z, n; lstm 4: i, f, g, o; rnn 1), row-major.
///
/// The input comes projected, W x: a row of G H floats per position. A one-hot input needs no
/// product at all: its rows are the columns of W.
extern "C" {

enum NnrunCell : int { kNnrunGru, kNnrunLstm, kNnrunRnnTanh, kNnrunRnnRelu, kNnrunRnnLinear };

enum { kNnrunMaxUnits = 32 };

struct NnrunRecurrent {
  NnrunCell cell;
  int32_t units;
  int32_t reverse;   ///< walks from position L - 1 to 0
  int32_t sequence;  ///< output [N, H, L] by position, else the last state [N, H]
  int64_t batch, length;

  const float* projected;  ///< entry e of row r is at r row_stride + e entry_stride
  int64_t row_stride, entry_stride;
  const int32_t* ids;      ///< [N, L] rows of `projected`; null: row n L + l
  const float* weight_hh;  ///< [G H, H]
  const float* bias_ih;    ///< [G H]
  const float* bias_hh;    ///< [G H], gru only: n = tanh(x + r (U h + bias_hh)); else null
  const int64_t* lengths;  ///< [N] or null; at positions >= lengths[n] the state stands still

  float* output;  ///< document n begins at n output_stride
  int64_t output_stride;
  float* tape;  ///< [N, L, nnrun_cuda_tape_size], aligned to 16 bytes, for the backward pass; null:
                ///< none follows

  const float* output_gradient;  ///< backward only, laid out as `output`
  float* projected_gradient;     ///< [N, L, G H], by position
  float* partials;               ///< [N, nnrun_cuda_partial_size]: each document's share of the
                                 ///< gradients of weight_hh, bias_ih and, for gru, bias_hh
};

int32_t nnrun_cuda_gates(NnrunCell cell);
int32_t nnrun_cuda_tape_size(NnrunCell cell, int32_t units);
int64_t nnrun_cuda_partial_size(NnrunCell cell, int32_t units);

const char* nnrun_cuda_recurrent_forward(const NnrunRecurrent* job, void* stream);

/// Follows a forward pass with the same job and its tape.
const char* nnrun_cuda_recurrent_backward(const NnrunRecurrent* job, void* stream);

}  // extern "C"
