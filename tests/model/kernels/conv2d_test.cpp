#include "model/kernels/cpu/conv2d.h"

#include <gtest/gtest.h>

#include "model/kernels/kernel_testing.h"

namespace nnrun::kernels {
namespace {

using Doubles = std::vector<double>;

struct Case {
  const char* name;
  int64_t batch, channels, height, width, filters, kernel_height, kernel_width;
  bool same, relu, pool;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

Conv2dShape shape_of(const Case& c) {
  Conv2dShape s{c.batch, c.channels, c.height, c.width, c.filters, c.kernel_height, c.kernel_width};
  s.pad_top = c.same ? (c.kernel_height - 1) / 2 : 0;
  s.pad_left = c.same ? (c.kernel_width - 1) / 2 : 0;
  s.conv_height = c.same ? c.height : c.height - c.kernel_height + 1;
  s.conv_width = c.same ? c.width : c.width - c.kernel_width + 1;
  s.relu = c.relu;
  s.pool = c.pool;
  return s;
}

/// Convolution, ReLU and pooling by their definitions, in double precision, with their gradients.
struct Reference {
  Conv2dShape s;
  Doubles weight, bias, input, output_gradient;
  Doubles output, d_weight, d_bias, d_input;

  size_t conv_at(int64_t n, int64_t o, int64_t y, int64_t x) const {
    return static_cast<size_t>(((n * s.filters + o) * s.conv_height + y) * s.conv_width + x);
  }

  /// visit(index of the convolution's output, of the weight, of the input) for every product.
  template <class Visit>
  void for_each_product(const Visit& visit) const {
    for (int64_t n = 0; n < s.batch; ++n)
      for (int64_t o = 0; o < s.filters; ++o)
        for (int64_t y = 0; y < s.conv_height; ++y)
          for (int64_t x = 0; x < s.conv_width; ++x)
            for (int64_t tap = 0; tap < s.taps(); ++tap) {
              const int64_t c = tap / (s.kernel_height * s.kernel_width);
              const int64_t iy = y - s.pad_top + tap / s.kernel_width % s.kernel_height;
              const int64_t ix = x - s.pad_left + tap % s.kernel_width;
              if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) continue;
              visit(conv_at(n, o, y, x), static_cast<size_t>(o * s.taps() + tap),
                    static_cast<size_t>(((n * s.channels + c) * s.height + iy) * s.width + ix));
            }
  }

  void run() {
    Doubles conv(static_cast<size_t>(s.batch * s.filters * s.conv_height * s.conv_width));
    const auto plane = static_cast<size_t>(s.conv_height * s.conv_width);
    for (size_t i = 0; i < conv.size(); ++i) conv[i] = bias[i / plane % bias.size()];
    for_each_product([&](size_t z, size_t w, size_t x) { conv[z] += weight[w] * input[x]; });
    const Doubles d_conv = pool(conv);
    d_weight.assign(weight.size(), 0);
    d_bias.assign(bias.size(), 0);
    d_input.assign(input.size(), 0);
    for (size_t i = 0; i < conv.size(); ++i) d_bias[i / plane % bias.size()] += d_conv[i];
    for_each_product([&](size_t z, size_t w, size_t x) {
      d_weight[w] += d_conv[z] * input[x];
      d_input[x] += d_conv[z] * weight[w];
    });
  }

  /// Fills `output` and returns the gradient at the convolution's output.
  Doubles pool(const Doubles& conv) {
    Doubles d_conv(conv.size());
    for (int64_t n = 0; n < s.batch; ++n)
      for (int64_t o = 0; o < s.filters; ++o)
        for (int64_t y = 0; y < s.output_height(); ++y)
          for (int64_t x = 0; x < s.output_width(); ++x) {
            size_t best = conv_at(n, o, y * s.window(), x * s.window());
            for (int64_t i = 1; i < s.window() * s.window(); ++i) {
              const size_t other = conv_at(n, o, y * 2 + i / 2, x * 2 + i % 2);
              if (conv[other] > conv[best]) best = other;
            }
            const bool cut = s.relu && conv[best] <= 0;
            d_conv[best] += cut ? 0 : output_gradient[output.size()];
            output.push_back(cut ? 0 : conv[best]);
          }
    return d_conv;
  }
};

struct Layer {
  explicit Layer(const Case& c)
      : shape(shape_of(c)),
        weight(random_floats(shape.filters * shape.taps(), 1, 1)),
        bias(random_floats(shape.filters, 1, 2)),
        input(random_floats(shape.batch * shape.channels * shape.height * shape.width, 1, 3)),
        output_gradient(random_floats(
            shape.batch * shape.filters * shape.output_height() * shape.output_width(), 1, 4)) {}

  void step(const ParallelFor& parallel_for = serial_for) {
    output.assign(output_gradient.size(), -7);
    d_weight.assign(weight.size(), -7);
    d_bias.assign(bias.size(), -7);
    d_input.assign(input.size(), -7);
    conv2d_forward(shape, weight.data(), bias.data(), input.data(), output.data(), Pass::kTraining,
                   tape, parallel_for);
    conv2d_backward(shape, weight.data(), input.data(), output_gradient.data(),
                    {d_weight.data(), d_bias.data(), d_input.data()}, tape, parallel_for);
  }

  Conv2dShape shape;
  Floats weight, bias, input, output_gradient;
  Floats output, d_weight, d_bias, d_input;
  Conv2dTape tape;
};

class KernelsConv2dTest : public testing::TestWithParam<Case> {};

TEST_P(KernelsConv2dTest, FollowsTheDefinition) {
  for_each_instruction_set([](const char* name) {
    SCOPED_TRACE(name);
    Layer layer(GetParam());
    layer.step();
    Reference r{layer.shape,
                to_double(layer.weight),
                to_double(layer.bias),
                to_double(layer.input),
                to_double(layer.output_gradient),
                {},
                {},
                {},
                {}};
    r.run();
    expect_close(layer.output, r.output, 2e-6, "output");
    expect_close(layer.d_weight, r.d_weight, 5e-6, "weight");
    expect_close(layer.d_bias, r.d_bias, 5e-6, "bias");
    expect_close(layer.d_input, r.d_input, 5e-6, "input");
  });
}

TEST_P(KernelsConv2dTest, ThreadsDoNotChangeABit) {
  Layer one(GetParam()), three(GetParam());
  one.step();
  three.step(threads_for(3));
  EXPECT_EQ(one.output, three.output);
  EXPECT_EQ(one.d_weight, three.d_weight);
  EXPECT_EQ(one.d_bias, three.d_bias);
  EXPECT_EQ(one.d_input, three.d_input);
}

TEST_P(KernelsConv2dTest, InferenceGivesTheSameBits) {
  Layer layer(GetParam());
  layer.step();
  Floats output(layer.output.size());
  conv2d_forward(layer.shape, layer.weight.data(), layer.bias.data(), layer.input.data(),
                 output.data(), Pass::kInference, layer.tape, serial_for);
  EXPECT_EQ(layer.output, output);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, KernelsConv2dTest,
    testing::Values(Case{"Pooled", 20, 3, 12, 14, 10, 5, 5, false, true, true},
                    Case{"OddEdges", 17, 2, 11, 10, 7, 3, 4, false, true, true},
                    Case{"Plain", 33, 4, 8, 9, 6, 3, 3, false, true, false},
                    Case{"Linear", 5, 3, 7, 7, 4, 4, 2, false, false, false},
                    Case{"LinearPooled", 16, 1, 6, 6, 1, 3, 3, false, false, true},
                    Case{"Same", 18, 3, 9, 8, 5, 4, 3, true, true, true},
                    Case{"SamePlain", 2, 5, 5, 6, 12, 3, 5, true, true, false},
                    Case{"WholeImage", 3, 2, 4, 5, 3, 4, 5, false, true, false},
                    Case{"OneCell", 1, 1, 1, 1, 1, 1, 1, false, false, false},
                    Case{"Narrow", 19, 6, 3, 30, 9, 1, 7, false, true, false},
                    Case{"BandsOfALine", 2, 3, 32, 32, 3, 9, 9, false, true, true},
                    Case{"LastBandIsPartial", 2, 3, 32, 32, 4, 3, 3, false, true, true},
                    Case{"ManyChannels", 3, 18, 8, 8, 5, 3, 3, false, true, true},
                    Case{"ManyChannelsSame", 3, 20, 7, 7, 5, 3, 3, true, true, false}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(KernelsConv2dTestNan, SpreadsThroughReluAndPool) {
  Case c{"", 1, 1, 2, 2, 1, 1, 1, false, true, true};
  Layer layer(c);
  layer.input = {1, std::nanf(""), 2, 3};
  layer.step();
  EXPECT_TRUE(std::isnan(layer.output[0]));
}

}  // namespace
}  // namespace nnrun::kernels
