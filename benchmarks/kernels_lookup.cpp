#include <benchmark/benchmark.h>

#include "model/kernels/cpu/lookup.h"
#include "synthetic_text.h"

// One training step (forward and backward) of the text CNNs' first convolution: 128 documents of
// 100 tokens, 10 filters of 20 tokens. One thread.
namespace nnrun::kernels {
namespace {

constexpr int64_t kBatch = 128, kLength = 100, kFilters = 10, kKernel = 20;
constexpr int64_t kOutputs = kLength - kKernel + 1;

void step(benchmark::State& state, int64_t inputs, int64_t used_ids, bool one_hot) {
  const ConvLookupShape shape{kBatch, kLength, inputs, kFilters, kKernel, 1, 0, kOutputs, true};
  const std::vector<int32_t> ids = text_ids(kBatch * kLength, used_ids, one_hot ? 0.1 : 0.5);
  const auto weight = random_values(kFilters * inputs * kKernel), bias = random_values(kFilters);
  const auto embedding = random_values(one_hot ? 0 : used_ids * inputs);
  const auto output_gradient = random_values(kBatch * kFilters * kOutputs);
  auto output = output_gradient, d_weight = weight, d_bias = bias, d_embedding = embedding;
  TokenIndex tokens;
  ConvLookupTape tape;
  const ConvLookupInput input{&tokens, one_hot ? nullptr : embedding.data()};
  for (auto _ : state) {
    index_tokens(ids.data(), kBatch * kLength, used_ids, tokens);
    conv_lookup_forward(shape, weight.data(), bias.data(), input, output.data(), tape, serial_for);
    conv_lookup_backward(shape, input, output.data(), output_gradient.data(),
                         {d_weight.data(), d_bias.data(), d_embedding.data()}, tape, serial_for);
  }
}

void conv_one_hot(benchmark::State& state) { step(state, 256, 40, true); }
void conv_embedding(benchmark::State& state) { step(state, 20, 35287, false); }
BENCHMARK(conv_one_hot)->Unit(benchmark::kMillisecond);
BENCHMARK(conv_embedding)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nnrun::kernels
