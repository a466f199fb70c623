#include <benchmark/benchmark.h>

#include "model/kernels/cpu/conv2d.h"
#include "synthetic_text.h"

// One training step (forward, backward) of the report's CNN without its dense layers: 128 images of
// 3 x 32 x 32, C1 filters of 9 x 9, pool, C2 filters of 5 x 5, pool. One thread. FLOPS counts the
// convolutions' useful ones.
namespace nnrun::kernels {
namespace {

constexpr int64_t kBatch = 128;

struct ConvLayer {
  explicit ConvLayer(const Conv2dShape& shape_)
      : shape(shape_),
        weight(random_values(shape.filters * shape.taps())),
        bias(random_values(shape.filters)),
        output(static_cast<size_t>(kBatch * shape.filters * shape.output_height() *
                                   shape.output_width())),
        d_output(random_values(static_cast<int64_t>(output.size()))),
        d_weight(weight.size()),
        d_bias(bias.size()) {}

  double multiply_adds() const {
    return static_cast<double>(kBatch * shape.filters * shape.taps() * shape.conv_height *
                               shape.conv_width);
  }
  void forward(const float* input) {
    conv2d_forward(shape, weight.data(), bias.data(), input, output.data(), Pass::kTraining, tape,
                   serial_for);
  }
  void backward(const float* input, float* d_input) {
    conv2d_backward(shape, weight.data(), input, d_output.data(),
                    {d_weight.data(), d_bias.data(), d_input}, tape, serial_for);
  }

  Conv2dShape shape;
  std::vector<float> weight, bias, output, d_output, d_weight, d_bias;
  Conv2dTape tape;
};

Conv2dShape square(int64_t channels, int64_t size, int64_t filters, int64_t kernel) {
  return {kBatch,
          channels,
          size,
          size,
          filters,
          kernel,
          kernel,
          0,
          0,
          size - kernel + 1,
          size - kernel + 1,
          true,
          true};
}

enum Part { kFirstForward, kFirstWeights, kSecondForward, kSecondBackward, kAll };

void cnn(benchmark::State& state, Part part) {
  ConvLayer first(square(3, 32, state.range(0), 9)),
      second(square(state.range(0), 12, state.range(1), 5));
  const auto images = random_values(kBatch * 3 * 32 * 32);
  first.forward(images.data());
  second.forward(first.output.data());
  const auto has = [&](Part p) { return part == kAll || part == p; };
  for (auto _ : state) {
    if (has(kFirstForward)) first.forward(images.data());
    if (has(kSecondForward)) second.forward(first.output.data());
    if (has(kSecondBackward)) second.backward(first.output.data(), first.d_output.data());
    if (has(kFirstWeights)) first.backward(images.data(), nullptr);
  }
  const double flops =
      2 * (first.multiply_adds() * (has(kFirstForward) + has(kFirstWeights)) +
           second.multiply_adds() * (has(kSecondForward) + 2 * has(kSecondBackward)));
  state.counters["FLOPS"] =
      benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
}

void sizes(benchmark::internal::Benchmark* b) {
  b->Args({10, 20})->Args({50, 60})->Args({90, 40})->Unit(benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(cnn, first_forward, kFirstForward)->Apply(sizes);
BENCHMARK_CAPTURE(cnn, first_weights, kFirstWeights)->Apply(sizes);
BENCHMARK_CAPTURE(cnn, second_forward, kSecondForward)->Apply(sizes);
BENCHMARK_CAPTURE(cnn, second_backward, kSecondBackward)->Apply(sizes);
BENCHMARK_CAPTURE(cnn, all, kAll)->Apply(sizes);

/// Forward and backward of one layer, its input's gradient included.
void layer_step(benchmark::State& state, const Conv2dShape& shape) {
  ConvLayer conv(shape);
  const auto input = random_values(kBatch * shape.channels * shape.height * shape.width);
  std::vector<float> d_input(input.size());
  for (auto _ : state) {
    conv.forward(input.data());
    conv.backward(input.data(), d_input.data());
  }
  state.counters["FLOPS"] =
      benchmark::Counter(6 * conv.multiply_adds(), benchmark::Counter::kIsIterationInvariantRate);
}
/// Channels, size, filters, kernel, pooling or not.
void layer(benchmark::State& state) {
  Conv2dShape shape = square(state.range(0), state.range(1), state.range(2), state.range(3));
  shape.pool = state.range(4) != 0;
  layer_step(state, shape);
}
/// A sequence: features, length, filters, kernel.
void sequence_layer(benchmark::State& state) {
  Conv2dShape shape = square(state.range(0), state.range(1), state.range(2), state.range(3));
  shape.height = shape.kernel_height = shape.conv_height = 1;
  shape.pool = false;
  layer_step(state, shape);
}
BENCHMARK(sequence_layer)
    ->Args({10, 41, 10, 20})
    ->Args({20, 100, 32, 5})
    ->Args({64, 100, 64, 3})
    ->Args({128, 50, 128, 5})
    ->Unit(benchmark::kMillisecond);

void layers(benchmark::internal::Benchmark* b) {
  for (const int pool : {0, 1})
    b->Args({3, 32, 64, 3, pool})
        ->Args({16, 32, 32, 3, pool})
        ->Args({64, 16, 64, 3, pool})
        ->Args({64, 16, 64, 1, pool})
        ->Args({128, 8, 128, 3, pool})
        ->Args({256, 8, 256, 3, pool})
        ->Unit(benchmark::kMillisecond);
}
BENCHMARK(layer)->Apply(layers);

}  // namespace
}  // namespace nnrun::kernels
