#pragma once

#include "model/kernels/cpu/kernels.h"

/// Layers on token ids that never build the one-hot or the embedded sequence. Axes: N documents, L
/// positions, F input features (one-hot: the depth), O filters, K kernel cells, P output positions.
namespace nnrun::kernels {

// ---- embedding
// -----------------------------------------------------------------------------------

/// Buffers of the scatter, reused from step to step.
struct EmbeddingScratch {
  Buffer rows, sums, heads;
};

/// output[n, f, l] = embedding[id of (n, l), f]; embedding is [V, features].
void embedding_gather(const TokenIndex& tokens, int64_t length, int64_t features,
                      const float* embedding, float* output, const ParallelFor& parallel_for);

/// gradient[u, f] = sum over the places (n, l) where the distinct id u stands of
/// output_gradient[n, f, l].
void embedding_scatter(const TokenIndex& tokens, int64_t length, int64_t features,
                       const float* output_gradient, float* gradient, EmbeddingScratch& scratch,
                       const ParallelFor& parallel_for);

// ---- bag of embeddings
// ---------------------------------------------------------------------------

/// The ids of N texts, one text after another.
struct BagIds {
  const int32_t* ids = nullptr;
  const int32_t* offsets = nullptr;  ///< [N + 1] where each text begins
  int64_t batch = 0;                 ///< N

  int64_t positions() const { return offsets[batch]; }
  int64_t size(int64_t n) const { return offsets[n + 1] - offsets[n]; }
};

/// What the way back needs, reused from step to step.
struct BagScratch {
  TokenIndex tokens;
  std::vector<int32_t> documents;  ///< [positions]
  Buffer rows, sums, heads;
};

/// output[n, f] = mean over text n's ids of embedding[id, f], ids in order; zeros without ids.
void bag_gather(const BagIds& bags, int64_t features, const float* embedding, float* output,
                const ParallelFor& parallel_for);

/// scratch.tokens = the distinct ids. Returns rows of `stride` floats, one for each of them: the
/// sum over the places where it stands in a text n of output_gradient[n, f] / n's number of ids.
struct BagRows {
  const float* data = nullptr;
  int64_t stride = 0;
};
BagRows bag_scatter(const BagIds& bags, int64_t vocabulary, int64_t features,
                    const float* output_gradient, BagScratch& scratch,
                    const ParallelFor& parallel_for);

// ---- convolution over tokens
// ---------------------------------------------------------------------

struct ConvLookupShape {
  int64_t batch = 0;    ///< N
  int64_t length = 0;   ///< L
  int64_t inputs = 0;   ///< F
  int64_t filters = 0;  ///< O
  int64_t kernel = 0;   ///< K
  int64_t stride = 1;
  int64_t pad_before = 0;  ///< cells of zeros before position 0
  int64_t outputs = 0;     ///< P
  bool relu = false;
};

/// Tokens with an embedding table [V, F] or, without one, as one-hot.
struct ConvLookupInput {
  const TokenIndex* tokens = nullptr;  ///< positions n L + l
  const float* embedding = nullptr;
};

/// Gradients, overwritten, but for one-hot only the entries of weight whose ids occur.
struct ConvLookupGradients {
  float* weight = nullptr;     ///< [O, F, K]
  float* bias = nullptr;       ///< [O]
  float* embedding = nullptr;  ///< [U, F], a row per distinct id, or null when not wanted
};

/// Buffers that are reused from step to step. One per layer.
struct ConvLookupTape {
  TokenProducts tokens;  ///< rows: a token's part in the output for each kernel cell
  Buffer gradients;      ///< [N P, O padded]: the output's gradient, filters side by side
  Buffer scratch;
};

/// output[n, o, p] = relu(bias[o] + sum over f and k of weight[o, f, k] x[n, f, p stride + k -
/// pad]).
void conv_lookup_forward(const ConvLookupShape& shape, const float* weight, const float* bias,
                         const ConvLookupInput& input, float* output, ConvLookupTape& tape,
                         const ParallelFor& parallel_for);

/// Follows a forward pass with the same arguments; `output` (the forward pass's) is read for relu
/// only.
void conv_lookup_backward(const ConvLookupShape& shape, const ConvLookupInput& input,
                          const float* output, const float* output_gradient,
                          const ConvLookupGradients& gradients, ConvLookupTape& tape,
                          const ParallelFor& parallel_for);

}  // namespace nnrun::kernels
