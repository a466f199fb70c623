#include <benchmark/benchmark.h>

#include <vector>

#include "model/kernels/cpu/kernels.h"
#include "synthetic_text.h"

// One training step (forward and backward) of a recurrent layer at the sizes of the text models:
// 128 documents of 100 tokens, 20 units. One thread.
namespace nnrun::kernels {
namespace {

constexpr int64_t kBatch = 128, kLength = 100, kUnits = 20;

struct Setup {
  Setup(Cell cell, int64_t gates, int64_t inputs, int64_t vocabulary)
      : shape{cell, kBatch, kLength, inputs, kUnits},
        weight_ih(random_values(gates * kUnits * inputs)),
        weight_hh(random_values(gates * kUnits * kUnits)),
        bias(random_values(gates * kUnits)),
        dense(random_values(kBatch * inputs * kLength)),
        embedding(random_values(vocabulary * inputs)),
        output_gradient(random_values(kBatch * kUnits * kLength)),
        d_input(dense.size()),
        d_embedding(embedding.size()),
        d_weight_ih(weight_ih.size()),
        d_weight_hh(weight_hh.size()),
        d_bias(2 * bias.size()),
        output(output_gradient.size()),
        ids(text_ids(kBatch * kLength, vocabulary, inputs == 20 ? 0.5 : 0.1)) {}

  void step(const RecurrentInput& input, RecurrentTape& tape) {
    const int64_t stride = kUnits * (shape.sequence ? kLength : 1);
    const RecurrentWeights weights{weight_ih.data(), weight_hh.data(), bias.data(), bias.data()};
    RecurrentGradients gradients{d_weight_ih.data(), d_weight_hh.data(), d_bias.data(),
                                 d_bias.data() + bias.size()};
    if (input.dense) gradients.input = d_input.data();
    if (input.embedding) gradients.embedding = d_embedding.data();
    recurrent_forward(shape, weights, input, {output.data(), stride}, Pass::kTraining, tape,
                      serial_for);
    recurrent_backward(shape, weights, input, {output_gradient.data(), stride}, gradients, tape,
                       serial_for);
  }

  RecurrentShape shape;
  std::vector<float> weight_ih, weight_hh, bias, dense, embedding, output_gradient;
  std::vector<float> d_input, d_embedding, d_weight_ih, d_weight_hh, d_bias, output;
  std::vector<int32_t> ids;
};

int64_t gates_of(Cell cell) { return cell == Cell::kGru ? 3 : cell == Cell::kLstm ? 4 : 1; }

void one_hot(benchmark::State& state, Cell cell) {
  Setup setup(cell, gates_of(cell), 256, 40);
  RecurrentTape tape;
  TokenIndex tokens;
  RecurrentInput input;
  input.tokens = &tokens;
  for (auto _ : state) {
    index_tokens(setup.ids.data(), kBatch * kLength, 256, tokens);
    setup.step(input, tape);
  }
}

void embedding(benchmark::State& state, Cell cell) {
  constexpr int64_t kVocabulary = 35287;
  Setup setup(cell, gates_of(cell), 20, kVocabulary);
  RecurrentTape tape;
  TokenIndex tokens;
  RecurrentInput input;
  input.tokens = &tokens;
  input.embedding = setup.embedding.data();
  for (auto _ : state) {
    index_tokens(setup.ids.data(), kBatch * kLength, kVocabulary, tokens);
    setup.step(input, tape);
  }
}

void dense(benchmark::State& state, Cell cell) {
  Setup setup(cell, gates_of(cell), 20, 1);
  setup.shape.sequence = true;
  RecurrentTape tape;
  RecurrentInput input;
  input.dense = setup.dense.data();
  for (auto _ : state) setup.step(input, tape);
}

BENCHMARK_CAPTURE(one_hot, gru, Cell::kGru)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(one_hot, lstm, Cell::kLstm)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(one_hot, rnn, Cell::kRnnTanh)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(embedding, gru, Cell::kGru)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(embedding, lstm, Cell::kLstm)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(embedding, rnn, Cell::kRnnTanh)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(dense, gru, Cell::kGru)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(dense, lstm, Cell::kLstm)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(dense, rnn, Cell::kRnnTanh)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nnrun::kernels
