#include <benchmark/benchmark.h>

#include <vector>

#include "model/kernels/cpu/optimizers.h"

// Adam over the embedding of the word models: 35,287 words of 20 numbers. One thread.
namespace nnrun::kernels {
namespace {

void adam(benchmark::State& state) {
  const auto size = static_cast<size_t>(35287) * 20;
  std::vector<float> weight(size, 0.1f), gradient(size, 0.01f), mean(size), square(size);
  const UpdateScalars scalars{0.01f, 0, 0, false, 0, 0.9f, 0.999f, 1e-7f};
  for (auto _ : state)
    update_adam(
        scalars,
        {weight.data(), gradient.data(), {mean.data(), square.data()}, static_cast<int64_t>(size)});
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(7 * size * sizeof(float)));
}
BENCHMARK(adam)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace nnrun::kernels
