// One training step of a kernel, as often as asked, for counting its instructions
// (tests/cli/instructions_test.py): kernel_steps NAME TIMES. Without arguments: the instruction
// set, the compiler and the names, a line each.
#include <hwy/targets.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include "model/kernels/cpu/conv2d.h"
#include "model/kernels/cpu/lookup.h"
#include "model/kernels/cpu/optimizers.h"

namespace nnrun::kernels {
namespace {

constexpr int64_t kBatch = 32, kLength = 50, kUnits = 20, kFilters = 10;

/// Spread evenly over [-0.3, 0.3], the same on every machine.
std::vector<float> values(int64_t count) {
  std::vector<float> result;
  for (int64_t i = 0; i < count; ++i)
    result.push_back(static_cast<float>(i * 7919 % 1009) / 1009.F * 0.6F - 0.3F);
  return result;
}

std::vector<int32_t> ids(int64_t below) {
  std::vector<int32_t> result;
  for (int64_t i = 0; i < kBatch * kLength; ++i)
    result.push_back(static_cast<int32_t>(i * i * 7919 % below));
  return result;
}

/// The convolutions of the small images' network; `deep`: the second one, with its input's
/// gradient.
void conv2d(int times, bool deep) {
  Conv2dShape s{kBatch, deep ? 20 : 3, deep ? 12 : 32, deep ? 12 : 32, 10};
  s.kernel_height = s.kernel_width = deep ? 5 : 9;
  s.conv_height = s.conv_width = s.height - s.kernel_height + 1;
  s.relu = s.pool = true;
  const auto weight = values(s.filters * s.taps()), bias = values(s.filters);
  const auto input = values(s.batch * s.channels * s.height * s.width);
  const auto slope = values(s.batch * s.filters * s.output_height() * s.output_width());
  auto output = slope, d_weight = weight, d_bias = bias, d_input = input;
  Conv2dTape tape;
  for (int i = 0; i < times; ++i) {
    conv2d_forward(s, weight.data(), bias.data(), input.data(), output.data(), Pass::kTraining,
                   tape, serial_for);
    conv2d_backward(s, weight.data(), input.data(), slope.data(),
                    {d_weight.data(), d_bias.data(), deep ? d_input.data() : nullptr}, tape,
                    serial_for);
  }
}

/// On one-hot ids without `vocabulary`, else on embedded words.
void recurrent(int times, Cell cell, int64_t gates, int64_t vocabulary) {
  const int64_t inputs = vocabulary > 0 ? kUnits : 256;
  const RecurrentShape shape{cell, kBatch, kLength, inputs, kUnits};
  const auto weight_ih = values(gates * kUnits * inputs),
             weight_hh = values(gates * kUnits * kUnits);
  const auto bias = values(gates * kUnits), embedding = values(vocabulary * inputs);
  const auto slope = values(kBatch * kUnits);
  auto d_ih = weight_ih, d_hh = weight_hh, d_bias = bias, d_bias_2 = bias, d_embedding = embedding,
       output = slope;
  const RecurrentWeights weights{weight_ih.data(), weight_hh.data(), bias.data(), bias.data()};
  const RecurrentGradients gradients{d_ih.data(),   d_hh.data(),
                                     d_bias.data(), d_bias_2.data(),
                                     nullptr,       vocabulary > 0 ? d_embedding.data() : nullptr};
  const auto tokens_of = ids(vocabulary > 0 ? vocabulary : 40);
  RecurrentTape tape;
  TokenIndex tokens;
  const RecurrentInput input{nullptr, &tokens, vocabulary > 0 ? embedding.data() : nullptr,
                             nullptr};
  auto slope_copy = slope;
  for (int i = 0; i < times; ++i) {
    index_tokens(tokens_of.data(), kBatch * kLength, std::max<int64_t>(vocabulary, 256), tokens);
    recurrent_forward(shape, weights, input, {output.data(), kUnits}, Pass::kTraining, tape,
                      serial_for);
    recurrent_backward(shape, weights, input, {slope_copy.data(), kUnits}, gradients, tape,
                       serial_for);
  }
}

void conv_lookup(int times) {
  const ConvLookupShape s{kBatch, kLength, 256, kFilters, 20, 1, 0, kLength - 19, true};
  const auto weight = values(s.filters * s.inputs * s.kernel), bias = values(s.filters);
  const auto slope = values(s.batch * s.filters * s.outputs);
  const auto tokens_of = ids(40);
  auto output = slope, d_weight = weight, d_bias = bias;
  TokenIndex tokens;
  ConvLookupTape tape;
  for (int i = 0; i < times; ++i) {
    index_tokens(tokens_of.data(), kBatch * kLength, 256, tokens);
    conv_lookup_forward(s, weight.data(), bias.data(), {&tokens, nullptr}, output.data(), tape,
                        serial_for);
    conv_lookup_backward(s, {&tokens, nullptr}, output.data(), slope.data(),
                         {d_weight.data(), d_bias.data(), nullptr}, tape, serial_for);
  }
}

void adam(int times) {
  constexpr int64_t kSize = 100'000;
  auto weight = values(kSize), mean = values(kSize), square = std::vector<float>(kSize, 0.1F);
  const auto gradient = values(kSize);
  UpdateScalars scalars;
  scalars.rate = scalars.epsilon = 1e-3F;
  scalars.beta_1 = scalars.beta_2 = 0.9F;
  for (int i = 0; i < times; ++i)
    update_adam(scalars, {weight.data(), gradient.data(), {mean.data(), square.data()}, kSize});
}

const std::map<std::string, void (*)(int)> kSteps{
    {"adam", adam},
    {"conv2d_first", [](int times) { conv2d(times, /*deep=*/false); }},
    {"conv2d_second", [](int times) { conv2d(times, /*deep=*/true); }},
    {"conv_lookup", conv_lookup},
    {"gru_one_hot", [](int times) { recurrent(times, Cell::kGru, 3, 0); }},
    {"lstm_embedding", [](int times) { recurrent(times, Cell::kLstm, 4, 2000); }},
    {"rnn_embedding", [](int times) { recurrent(times, Cell::kRnnTanh, 1, 2000); }},
};

/// The instruction set that Highway chooses here: the best one compiled in.
const char* instruction_set() {
  const int64_t usable = hwy::SupportedTargets() & HWY_TARGETS;
  return hwy::TargetName(usable & -usable);
}

int main_of(int argc, char** argv) {
  if (argc == 3) {
    kSteps.at(argv[1])(std::atoi(argv[2]));
    return 0;
  }
  std::cout << instruction_set() << "\nGCC " << __GNUC__ << "\n";
  for (const auto& [name, step] : kSteps) std::cout << name << "\n";
  return 0;
}

}  // namespace
}  // namespace nnrun::kernels

int main(int argc, char** argv) { return nnrun::kernels::main_of(argc, argv); }
