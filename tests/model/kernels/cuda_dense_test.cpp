#include <gtest/gtest.h>

#include "host_cuda/host_cuda.h"
#include "model/kernels/cuda/dense.h"
#include "model/kernels/kernel_testing.h"

/// The backward pass of a dense layer, run on the host, against plain sums in double precision.
namespace nnrun::kernels {
namespace {

struct Shape {
  int64_t rows, inputs, outputs;
};
void PrintTo(const Shape& s, std::ostream* out) {
  *out << s.rows << " rows, " << s.inputs << " to " << s.outputs;
}

size_t index_of(int64_t i) { return static_cast<size_t>(i); }

struct Gradients {
  Floats input, weight, bias;
};

class KernelsCudaDenseTest : public testing::TestWithParam<Shape> {
 protected:
  Gradients run(bool of_input = true) const {
    Gradients g{Floats(input.size(), -7), Floats(weight.size(), -7), Floats(index_of(outputs), -7)};
    const NnrunDense job{input.data(),
                         weight.data(),
                         gradient.data(),
                         rows,
                         inputs,
                         outputs,
                         of_input ? g.input.data() : nullptr,
                         g.weight.data(),
                         g.bias.data()};
    EXPECT_EQ(nnrun_cuda_dense_backward(&job, nullptr), nullptr);
    return g;
  }

  const int64_t rows = GetParam().rows, inputs = GetParam().inputs, outputs = GetParam().outputs;
  const Floats input = random_floats(rows * inputs, 1, 1);
  const Floats weight = random_floats(outputs * inputs, 1, 2);
  const Floats gradient = random_floats(rows * outputs, 1, 3);
};

TEST_P(KernelsCudaDenseTest, AgreesWithPlainSums) {
  std::vector<double> d_input(input.size()), d_weight(weight.size()), d_bias(index_of(outputs));
  for (int64_t n = 0; n < rows; ++n)
    for (int64_t o = 0; o < outputs; ++o) {
      const double g = gradient[index_of(n * outputs + o)];
      d_bias[index_of(o)] += g;
      for (int64_t i = 0; i < inputs; ++i) {
        d_weight[index_of(o * inputs + i)] += g * input[index_of(n * inputs + i)];
        d_input[index_of(n * inputs + i)] += g * weight[index_of(o * inputs + i)];
      }
    }
  const Gradients g = run();
  expect_close(g.input, d_input, 1e-6, "input");
  expect_close(g.weight, d_weight, 1e-6, "weight");
  expect_close(g.bias, d_bias, 1e-6, "bias");
}

TEST_P(KernelsCudaDenseTest, TheInputsGradientMayBeLeftOut) {
  const Gradients all = run(), some = run(/*of_input=*/false);
  EXPECT_EQ(some.input, Floats(input.size(), -7));
  EXPECT_EQ(some.weight, all.weight);
  EXPECT_EQ(some.bias, all.bias);
}

TEST_P(KernelsCudaDenseTest, OrderOfThreadsDoesNotMatter) {
  const Gradients up = run();
  const host_cuda::LastThreadFirst order;
  const Gradients down = run();
  EXPECT_EQ(up.input, down.input);
  EXPECT_EQ(up.weight, down.weight);
  EXPECT_EQ(up.bias, down.bias);
}

INSTANTIATE_TEST_SUITE_P(Shapes, KernelsCudaDenseTest,
                         testing::Values(Shape{128, 20, 15}, Shape{1, 1, 1}, Shape{7, 300, 10},
                                         Shape{33, 5, 64}, Shape{96, 31, 3}));

}  // namespace
}  // namespace nnrun::kernels
