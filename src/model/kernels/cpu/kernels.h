#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "model/kernels/cpu/buffer.h"

/// CPU kernels: plain functions on raw float32 arrays, without LibTorch. The instruction set (AVX2
/// or AVX-512, else SSE2) is chosen at run time by Highway. Work is cut into pieces by the shapes
/// alone and partial sums are added in a fixed order: the same bits for any number of threads.
///
/// Axes in comments: N documents, L positions, F input features, H units, G gates (GRU 3, LSTM 4,
/// RNN 1), V vocabulary. All arrays are row-major and dense unless a stride is named.
namespace nnrun::kernels {

/// Runs body(0) … body(count - 1) in any order on any number of threads and returns when all are
/// done.
using ParallelFor = std::function<void(int64_t count, const std::function<void(int64_t)>& body)>;

/// A ParallelFor on the calling thread.
void serial_for(int64_t count, const std::function<void(int64_t)>& body);

// ---- tokens
// --------------------------------------------------------------------------------------

/// The distinct ids of a batch and where each occurs. Products with a weight matrix are computed
/// once per distinct id, and gradients are summed along the occurrence lists in a fixed order.
struct TokenIndex {
  std::vector<int64_t> ids;     ///< [U] distinct ids by first appearance
  std::vector<int32_t> slots;   ///< [positions] index into `ids`
  std::vector<int32_t> starts;  ///< [U + 1] bounds of each id's part of `order`
  std::vector<int32_t> order;   ///< [positions] positions grouped by slot, ascending within each
  std::vector<int32_t> slot_of_id;  ///< [V] scratch, -1 between calls

  int64_t distinct() const { return static_cast<int64_t>(ids.size()); }
  int64_t positions() const { return static_cast<int64_t>(slots.size()); }
};

/// Rebuilds `index` for `count` ids, each in [0, vocabulary); buffers are reused.
void index_tokens(const int32_t* ids, int64_t count, int64_t vocabulary, TokenIndex& index);

/// Buffers of a layer on tokens (token_products.h), reused from step to step.
struct TokenProducts {
  Buffer weights;   ///< the weight, packed both ways
  Buffer products;  ///< [U, row] products of the distinct tokens, later their gradients
  Buffer scratch;
};

// ---- recurrent layers
// ----------------------------------------------------------------------------

enum class Cell { kGru, kLstm, kRnnTanh, kRnnRelu, kRnnLinear };

/// One layer in one direction over whole sequences.
struct RecurrentShape {
  Cell cell = Cell::kGru;
  int64_t batch = 0;      ///< N
  int64_t length = 0;     ///< L
  int64_t inputs = 0;     ///< F; for one-hot ids the depth
  int64_t units = 0;      ///< H, 1 … 64
  bool reverse = false;   ///< walks from position L - 1 to 0
  bool sequence = false;  ///< output [N, H, L] (by position) instead of the last state [N, H]
};

inline constexpr int64_t kMaxRecurrentUnits = 64;

/// Weights by the interface's layout: gates r, z, n or i, f, g, o. The GRU is the reset-after form:
/// n = tanh(Wx + bias_ih + r * (Uh + bias_hh)), h' = z h + (1 - z) n.
struct RecurrentWeights {
  const float* weight_ih = nullptr;  ///< [G H, F]
  const float* weight_hh = nullptr;  ///< [G H, H]
  const float* bias_ih = nullptr;    ///< [G H]
  const float* bias_hh = nullptr;    ///< [G H], GRU only
};

/// Either `dense`, or `tokens` of N L positions with an embedding table or, without one, as
/// one-hot.
struct RecurrentInput {
  const float* dense = nullptr;        ///< [N, F, L]
  const TokenIndex* tokens = nullptr;  ///< positions n L + l
  const float* embedding = nullptr;    ///< [V, F]
  const int64_t* lengths =
      nullptr;  ///< [N] or null; at positions >= lengths[n] the state stands still
};

/// Where an output (or its gradient) lies: document n begins at data + n * stride.
struct RecurrentOutput {
  float* data = nullptr;
  int64_t stride = 0;  ///< H or H L for a dense array; more when two directions share one
};

/// Gradients, overwritten. With one-hot tokens, only the columns of weight_ih that occur in the
/// batch are written.
struct RecurrentGradients {
  float* weight_ih = nullptr;
  float* weight_hh = nullptr;
  float* bias_ih = nullptr;
  float* bias_hh = nullptr;    ///< GRU only
  float* input = nullptr;      ///< [N, F, L], or null when not wanted
  float* embedding = nullptr;  ///< [U, F], a row per distinct id, or null when not wanted
};

/// What the forward pass leaves for the backward pass. Keep one per layer and direction: its
/// buffers grow to the largest batch and are reused.
struct RecurrentTape {
  Buffer weights;   ///< packed in the order in which the kernels read them
  Buffer blocks;    ///< per block of documents: gates, states and transposed inputs of all steps
  Buffer partials;  ///< per block: its share of the weight gradients
  TokenProducts tokens;
  Buffer rows;  ///< [L, N, row] gate gradients by position (tokens only)
};

enum class Pass { kInference, kTraining };

void recurrent_forward(const RecurrentShape& shape, const RecurrentWeights& weights,
                       const RecurrentInput& input, RecurrentOutput output, Pass pass,
                       RecurrentTape& tape, const ParallelFor& parallel_for);

/// Follows a training forward pass with the same arguments; `output_gradient` is laid out as its
/// output.
void recurrent_backward(const RecurrentShape& shape, const RecurrentWeights& weights,
                        const RecurrentInput& input, RecurrentOutput output_gradient,
                        const RecurrentGradients& gradients, RecurrentTape& tape,
                        const ParallelFor& parallel_for);

}  // namespace nnrun::kernels
