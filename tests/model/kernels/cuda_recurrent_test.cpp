#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "host_cuda/host_cuda.h"
#include "model/kernels/cuda/recurrent.h"
#include "model/kernels/kernel_testing.h"
#include "model/kernels/recurrent_reference.h"

/// The CUDA kernels, run on the host, against the plain form in double precision.
namespace nnrun::kernels {
namespace {

struct Case {
  const char* name;
  Cell cell;
  int64_t batch, length, units;
  bool ids, reverse, sequence, masked;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

constexpr int64_t kInputs = 6;  // features, or the depth of one-hot ids

NnrunCell cuda_cell(Cell cell) {
  constexpr NnrunCell kCells[] = {kNnrunGru, kNnrunLstm, kNnrunRnnTanh, kNnrunRnnRelu,
                                  kNnrunRnnLinear};
  return kCells[static_cast<int>(cell)];
}

size_t index_of(int64_t i) { return static_cast<size_t>(i); }

/// A case in both forms: `plain` is its definition, the rest what the kernels read and write.
class Layer {
 public:
  explicit Layer(const Case& c) : case_(c) {
    plain.shape = {c.cell, c.batch, c.length, kInputs, c.units, c.reverse, c.sequence};
    gates_ = plain.gates();
    rows_ = gates_ * c.units;
    weight_hh_ = random_floats(rows_ * c.units, 1.5 / std::sqrt(double(c.units)), 1);
    if (c.cell == Cell::kGru) bias_hh_ = random_floats(rows_, 0.5, 2);
    plain.weight_ih = to_double(random_floats(rows_ * kInputs, 0.7, 3));
    bias_ih_ = random_floats(rows_, 0.5, 4);
    plain.bias_ih = to_double(bias_ih_);
    plain.weight_hh = to_double(weight_hh_);
    plain.bias_hh = to_double(bias_hh_);
    plain.input = to_double(random_floats(c.batch * kInputs * c.length, 1, 5));
    ids_ = random_ids(c.batch * c.length, kInputs - 1, 6);
    if (c.ids) fill_one_hot();
    if (c.masked) plain.lengths = random_ids<int64_t>(c.batch, c.length + 1, 7);
    stride_ = c.units * (c.sequence ? c.length : 1);
    output_gradient = random_floats(c.batch * stride_, 1, 8);
    project();
  }

  Floats forward() {
    Floats output(index_of(case_.batch * stride_), -7);
    const int32_t step = nnrun_cuda_tape_size(cuda_cell(case_.cell), int32_t(case_.units));
    tape_.assign(index_of(case_.batch * case_.length * step), -7);
    NnrunRecurrent job = this->job();
    job.output = output.data();
    EXPECT_EQ(nnrun_cuda_recurrent_forward(&job, nullptr), nullptr);
    return output;
  }

  void backward() {
    partials_.assign(index_of(case_.batch * partial()), -7);
    projected_gradient_.assign(index_of(case_.batch * case_.length * rows_), -7);
    NnrunRecurrent job = this->job();
    job.output_gradient = output_gradient.data();
    job.projected_gradient = projected_gradient_.data();
    job.partials = partials_.data();
    EXPECT_EQ(nnrun_cuda_recurrent_backward(&job, nullptr), nullptr);
  }

  /// Entries [begin, begin + count) of the partial sums, summed over the documents.
  Floats summed(int64_t begin, int64_t count) const {
    Floats sums(index_of(count), 0);
    for (int64_t n = 0; n < case_.batch; ++n) {
      for (int64_t i = 0; i < count; ++i) {
        sums[index_of(i)] += partials_[index_of(n * partial() + begin + i)];
      }
    }
    return sums;
  }
  Floats d_weight_hh() const { return summed(0, rows_ * case_.units); }
  Floats d_bias_ih() const { return summed(rows_ * case_.units, rows_); }
  Floats d_bias_hh() const {
    return bias_hh_.empty() ? Floats{} : summed(rows_ * (case_.units + 1), rows_);
  }

  /// What the products around the kernels make of the projected gradient.
  Floats d_weight_ih() const {
    Floats gradient(plain.weight_ih.size(), 0);
    for_each_projection([&](int64_t row, int64_t f, size_t x, float g) {
      gradient[index_of(row * kInputs + f)] += g * static_cast<float>(plain.input[x]);
    });
    return gradient;
  }
  Floats d_input() const {
    Floats gradient(plain.input.size(), 0);
    for_each_projection([&](int64_t row, int64_t f, size_t x, float g) {
      gradient[x] += g * static_cast<float>(plain.weight_ih[index_of(row * kInputs + f)]);
    });
    return gradient;
  }

  /// NaN in, NaN out.
  void spoil() {
    std::ranges::fill(projected_, std::nanf(""));
    std::ranges::fill(output_gradient, std::nanf(""));
  }

  reference::Recurrent plain;
  Floats output_gradient;

 private:
  int64_t partial() const { return rows_ * (case_.units + (bias_hh_.empty() ? 1 : 2)); }
  size_t input_at(int64_t n, int64_t f, int64_t t) const {
    return index_of((n * kInputs + f) * case_.length + t);
  }

  template <class Body>
  void for_each_projection(const Body& body) const {
    for (int64_t n = 0; n < case_.batch; ++n)
      for (int64_t t = 0; t < case_.length; ++t)
        for (int64_t row = 0; row < rows_; ++row)
          for (int64_t f = 0; f < kInputs; ++f)
            body(row, f, input_at(n, f, t),
                 projected_gradient_[index_of((n * case_.length + t) * rows_ + row)]);
  }

  void fill_one_hot() {
    for (int64_t n = 0; n < case_.batch; ++n)
      for (int64_t t = 0; t < case_.length; ++t)
        for (int64_t f = 0; f < kInputs; ++f)
          plain.input[input_at(n, f, t)] = ids_[index_of(n * case_.length + t)] == f ? 1 : 0;
  }

  /// W x of every position; for ids W itself, [G H, depth].
  void project() {
    if (case_.ids) {
      for (const double weight : plain.weight_ih) projected_.push_back(static_cast<float>(weight));
      return;
    }
    for (int64_t i = 0; i < case_.batch * case_.length; ++i)
      for (int64_t row = 0; row < rows_; ++row) {
        double sum = 0;
        for (int64_t f = 0; f < kInputs; ++f) {
          const size_t x = input_at(i / case_.length, f, i % case_.length);
          sum += plain.weight_ih[index_of(row * kInputs + f)] * plain.input[x];
        }
        projected_.push_back(static_cast<float>(sum));
      }
  }

  NnrunRecurrent job() {
    NnrunRecurrent job{};
    job.cell = cuda_cell(case_.cell);
    job.units = static_cast<int32_t>(case_.units);
    job.reverse = case_.reverse;
    job.sequence = case_.sequence;
    job.batch = case_.batch;
    job.length = case_.length;
    job.projected = projected_.data();
    job.row_stride = case_.ids ? 1 : rows_;
    job.entry_stride = case_.ids ? kInputs : 1;
    job.ids = case_.ids ? ids_.data() : nullptr;
    job.weight_hh = weight_hh_.data();
    job.bias_ih = bias_ih_.data();
    job.bias_hh = bias_hh_.empty() ? nullptr : bias_hh_.data();
    job.lengths = plain.lengths.empty() ? nullptr : plain.lengths.data();
    job.output_stride = stride_;
    job.tape = tape_.data();
    return job;
  }

  Case case_;
  int64_t gates_ = 0, rows_ = 0, stride_ = 0;
  Floats weight_hh_, bias_ih_, bias_hh_, projected_, tape_, partials_, projected_gradient_;
  std::vector<int32_t> ids_;
};

class KernelsCudaRecurrentTest : public testing::TestWithParam<Case> {};

TEST_P(KernelsCudaRecurrentTest, ForwardAgreesWithTheReference) {
  Layer layer(GetParam());
  expect_close(layer.forward(), reference::forward(layer.plain), 2e-6, "output");
}

/// Slope of sum(output * output_gradient) when a tensor of the layer moves along `direction`.
double slope(const Layer& layer, reference::Values reference::Recurrent::*tensor,
             const Floats& direction) {
  constexpr double kStep = 1e-6;
  const auto loss = [&](double step) {
    reference::Recurrent moved = layer.plain;
    for (size_t i = 0; i < direction.size(); ++i) (moved.*tensor)[i] += step * direction[i];
    const reference::Values output = reference::forward(moved);
    return std::inner_product(output.begin(), output.end(), layer.output_gradient.begin(), 0.0);
  };
  return (loss(kStep) - loss(-kStep)) / (2 * kStep);
}

void expect_gradient(const Layer& layer, reference::Values reference::Recurrent::*tensor,
                     const Floats& gradient, const char* what) {
  if (gradient.empty()) return;
  double scale = 1e-2;
  for (const float g : gradient) scale = std::max<double>(scale, std::abs(g));
  const auto size = static_cast<int64_t>(gradient.size());
  for (const int64_t i : random_ids(5, size, 11)) {
    Floats one(gradient.size(), 0);
    one[index_of(i)] = 1;
    EXPECT_NEAR(gradient[index_of(i)], slope(layer, tensor, one), 1e-5 * scale) << what << " " << i;
  }
  const Floats all = random_floats(size, 1, 12);
  const double expected = std::inner_product(all.begin(), all.end(), gradient.begin(), 0.0);
  EXPECT_NEAR(expected, slope(layer, tensor, all), 1e-5 * scale * std::sqrt(double(size))) << what;
}

TEST_P(KernelsCudaRecurrentTest, GradientsAgreeWithDifferences) {
  using R = reference::Recurrent;
  Layer layer(GetParam());
  layer.forward();
  layer.backward();
  expect_gradient(layer, &R::weight_hh, layer.d_weight_hh(), "weight_hh");
  expect_gradient(layer, &R::bias_hh, layer.d_bias_hh(), "bias_hh");
  expect_gradient(layer, &R::bias_ih, layer.d_bias_ih(), "bias_ih");
  expect_gradient(layer, &R::weight_ih, layer.d_weight_ih(), "weight_ih");
  if (!GetParam().ids) expect_gradient(layer, &R::input, layer.d_input(), "input");
}

/// Threads run at once: the order in which they come must not matter.
TEST_P(KernelsCudaRecurrentTest, OrderOfThreadsDoesNotMatter) {
  Layer up(GetParam()), down(GetParam());
  const Floats output = up.forward();
  up.backward();
  const host_cuda::LastThreadFirst order;
  EXPECT_EQ(output, down.forward());
  down.backward();
  EXPECT_EQ(up.d_weight_hh(), down.d_weight_hh());
  EXPECT_EQ(up.d_bias_ih(), down.d_bias_ih());
  EXPECT_EQ(up.d_bias_hh(), down.d_bias_hh());
  EXPECT_EQ(up.d_weight_ih(), down.d_weight_ih());
}

/// Shared memory begins as the block before left it.
TEST_P(KernelsCudaRecurrentTest, WhatABlockBeforeLeftDoesNotMatter) {
  Case wide = GetParam();
  wide.units = wide.units <= 20 ? 20 : 32;
  wide.length = 40;
  wide.masked = false;
  Layer fresh(GetParam()), nan(wide), after(GetParam());
  nan.spoil();
  const Floats output = fresh.forward();
  fresh.backward();
  nan.forward();
  nan.backward();
  EXPECT_EQ(output, after.forward());
  nan.forward();
  nan.backward();
  after.backward();
  EXPECT_EQ(fresh.d_weight_hh(), after.d_weight_hh());
  EXPECT_EQ(fresh.d_bias_ih(), after.d_bias_ih());
  EXPECT_EQ(fresh.d_weight_ih(), after.d_weight_ih());
}

constexpr bool kIds = true, kReverse = true, kSequence = true, kMasked = true;
INSTANTIATE_TEST_SUITE_P(
    Shapes, KernelsCudaRecurrentTest,
    testing::Values(
        Case{"Gru", Cell::kGru, 5, 9, 20, !kIds, !kReverse, !kSequence, !kMasked},
        Case{"GruIds", Cell::kGru, 6, 12, 20, kIds, !kReverse, !kSequence, !kMasked},
        Case{"GruSequence", Cell::kGru, 3, 7, 17, !kIds, kReverse, kSequence, !kMasked},
        Case{"GruMasked", Cell::kGru, 9, 6, 4, kIds, kReverse, kSequence, kMasked},
        Case{"GruMaskedLast", Cell::kGru, 9, 6, 5, !kIds, !kReverse, !kSequence, kMasked},
        Case{"GruWide", Cell::kGru, 3, 5, 32, !kIds, !kReverse, kSequence, !kMasked},
        Case{"GruTwoChunks", Cell::kGru, 3, 16, 7, kIds, !kReverse, kSequence, kMasked},
        Case{"GruFourChunks", Cell::kGru, 4, 25, 20, !kIds, kReverse, kSequence, !kMasked},
        Case{"GruOneStep", Cell::kGru, 2, 1, 1, kIds, !kReverse, !kSequence, !kMasked},
        Case{"Lstm", Cell::kLstm, 5, 8, 20, !kIds, !kReverse, !kSequence, !kMasked},
        Case{"LstmMasked", Cell::kLstm, 8, 7, 9, kIds, kReverse, kSequence, kMasked},
        Case{"LstmThreeChunks", Cell::kLstm, 7, 17, 20, kIds, kReverse, !kSequence, kMasked},
        Case{"LstmWide", Cell::kLstm, 3, 6, 32, kIds, !kReverse, kSequence, !kMasked},
        Case{"Lstm21", Cell::kLstm, 4, 5, 21, !kIds, kReverse, !kSequence, kMasked},
        Case{"Tanh", Cell::kRnnTanh, 5, 9, 20, kIds, !kReverse, !kSequence, !kMasked},
        Case{"TanhWide", Cell::kRnnTanh, 4, 5, 30, !kIds, kReverse, kSequence, kMasked},
        Case{"TanhOneChunk", Cell::kRnnTanh, 4, 8, 11, kIds, kReverse, kSequence, kMasked},
        Case{"Relu", Cell::kRnnRelu, 6, 5, 20, !kIds, !kReverse, kSequence, kMasked},
        Case{"Linear", Cell::kRnnLinear, 4, 4, 3, kIds, kReverse, !kSequence, !kMasked}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace nnrun::kernels
