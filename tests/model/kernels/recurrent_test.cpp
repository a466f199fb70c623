#include <gtest/gtest.h>

#include <string>

#include "model/kernels/kernel_testing.h"
#include "model/kernels/recurrent_reference.h"

namespace nnrun::kernels {
namespace {

enum class Feed { kDense, kOneHot, kEmbedding };
constexpr int64_t kVocabulary = 37;

struct Case {
  const char* name;
  Cell cell;
  Feed feed;
  int64_t batch, length, inputs, units;
  bool reverse, sequence, masked;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

/// Weights, input and output gradient of a case, and what the kernels make of them.
class Layer {
 public:
  explicit Layer(const Case& c) : case_(c) {
    shape_ = {c.cell,  c.batch,   c.length,  c.feed == Feed::kOneHot ? kVocabulary : c.inputs,
              c.units, c.reverse, c.sequence};
    const int64_t gates = c.cell == Cell::kGru ? 3 : c.cell == Cell::kLstm ? 4 : 1;
    const double scale = 1.5 / std::sqrt(static_cast<double>(c.units));
    weight_ih = random_floats(gates * c.units * shape_.inputs, 0.7, 1);
    weight_hh = random_floats(gates * c.units * c.units, scale, 2);
    bias_ih = random_floats(gates * c.units, 0.5, 3);
    if (c.cell == Cell::kGru) bias_hh = random_floats(gates * c.units, 0.5, 4);
    dense = random_floats(c.batch * shape_.inputs * c.length, 1, 5);
    embedding = random_floats(kVocabulary * shape_.inputs, 1, 6);
    ids = random_ids(c.batch * c.length, kVocabulary - 3, 7);
    if (c.masked) lengths = random_ids<int64_t>(c.batch, c.length + 1, 8);
    output_size = c.batch * c.units * (c.sequence ? c.length : 1);
    output_gradient = random_floats(output_size, 1, 9);
    index_tokens(ids.data(), c.batch * c.length, kVocabulary, tokens_);
  }

  Floats forward(const ParallelFor& parallel_for = serial_for, Pass pass = Pass::kTraining) {
    Floats output(static_cast<size_t>(output_size), -7);
    recurrent_forward(shape_, weights(), input(), {output.data(), stride()}, pass, tape_,
                      parallel_for);
    return output;
  }

  /// Fills the d_ members.
  void backward(const ParallelFor& parallel_for = serial_for) {
    d_weight_ih.assign(weight_ih.size(), 0);
    d_weight_hh.assign(weight_hh.size(), -7);
    d_bias_ih.assign(bias_ih.size(), -7);
    d_bias_hh.assign(bias_hh.size(), -7);
    d_dense.assign(dense.size(), -7);
    Floats rows(static_cast<size_t>(tokens_.distinct() * shape_.inputs), -7);
    RecurrentGradients gradients{d_weight_ih.data(), d_weight_hh.data(), d_bias_ih.data()};
    if (!bias_hh.empty()) gradients.bias_hh = d_bias_hh.data();
    (case_.feed == Feed::kDense ? gradients.input : gradients.embedding) =
        case_.feed == Feed::kDense ? d_dense.data() : rows.data();
    recurrent_backward(shape_, weights(), input(), {output_gradient.data(), stride()}, gradients,
                       tape_, parallel_for);
    d_embedding = to_table(tokens_, rows.data(), shape_.inputs, shape_.inputs, kVocabulary);
  }

  /// The same layer for the reference, whose input is always dense.
  reference::Recurrent reference() const {
    return {shape_,
            to_double(weight_ih),
            to_double(weight_hh),
            to_double(bias_ih),
            to_double(bias_hh),
            dense_input(to_double(embedding)),
            lengths};
  }

  /// [N, F, L] as the ids or the dense values stand for.
  reference::Values dense_input(const reference::Values& table) const {
    if (case_.feed == Feed::kDense) return to_double(dense);
    reference::Values values(static_cast<size_t>(case_.batch * shape_.inputs * case_.length));
    for (int64_t n = 0; n < case_.batch; ++n)
      for (int64_t f = 0; f < shape_.inputs; ++f)
        for (int64_t t = 0; t < case_.length; ++t) {
          const int64_t id = ids[static_cast<size_t>(n * case_.length + t)];
          const double one_hot = id == f ? 1 : 0;
          values[static_cast<size_t>((n * shape_.inputs + f) * case_.length + t)] =
              case_.feed == Feed::kOneHot ? one_hot
                                          : table[static_cast<size_t>(id * shape_.inputs + f)];
        }
    return values;
  }

  Floats weight_ih, weight_hh, bias_ih, bias_hh, dense, embedding, output_gradient;
  Floats d_weight_ih, d_weight_hh, d_bias_ih, d_bias_hh, d_dense, d_embedding;
  std::vector<int32_t> ids;
  std::vector<int64_t> lengths;
  int64_t output_size;

 private:
  int64_t stride() const { return case_.units * (case_.sequence ? case_.length : 1); }
  RecurrentWeights weights() const {
    return {weight_ih.data(), weight_hh.data(), bias_ih.data(),
            bias_hh.empty() ? nullptr : bias_hh.data()};
  }
  RecurrentInput input() const {
    RecurrentInput in;
    if (case_.feed == Feed::kDense) in.dense = dense.data();
    if (case_.feed != Feed::kDense) in.tokens = &tokens_;
    if (case_.feed == Feed::kEmbedding) in.embedding = embedding.data();
    if (!lengths.empty()) in.lengths = lengths.data();
    return in;
  }

  Case case_;
  RecurrentShape shape_;
  TokenIndex tokens_;
  RecurrentTape tape_;
};

class KernelsRecurrentTest : public testing::TestWithParam<Case> {};

TEST_P(KernelsRecurrentTest, ForwardAgreesWithTheReference) {
  Layer layer(GetParam());
  const reference::Values expected = reference::forward(layer.reference());
  expect_close(layer.forward(), expected, 2e-6, "output");
}

TEST_P(KernelsRecurrentTest, InferenceGivesTheSameBits) {
  Layer layer(GetParam());
  const Floats training = layer.forward();
  EXPECT_EQ(training, layer.forward(serial_for, Pass::kInference));
}

/// Central differences of sum(output * output_gradient) in double precision.
class Differences {
 public:
  explicit Differences(const Layer& layer) : layer_(layer) {}

  /// Compares `gradient` with the differences by some single entries, and by a random direction
  /// that takes in all of them. `values` gives the tensor inside a reference layer.
  template <class Access>
  void check(const char* what, const Floats& gradient, const Access& values) const {
    if (gradient.empty()) return;
    double scale = 1e-2;
    for (const float g : gradient) scale = std::max<double>(scale, std::abs(g));
    for (const int64_t i : random_ids(6, static_cast<int64_t>(gradient.size()), 11)) {
      const auto entry = static_cast<size_t>(i);
      const double slope = difference(values, [&](size_t j) { return j == entry ? 1. : 0.; });
      EXPECT_NEAR(gradient[entry], slope, 1e-5 * scale) << what << " at " << i;
    }
    const Floats direction = random_floats(static_cast<int64_t>(gradient.size()), 1, 12);
    double expected = 0;
    for (size_t j = 0; j < gradient.size(); ++j) expected += gradient[j] * direction[j];
    const double slope = difference(values, [&](size_t j) { return direction[j]; });
    const double count = std::sqrt(static_cast<double>(gradient.size()));
    EXPECT_NEAR(expected, slope, 1e-5 * scale * count) << what << " along a direction";
  }

 private:
  template <class Access, class Direction>
  double difference(const Access& values, const Direction& direction) const {
    constexpr double kStep = 1e-6;
    const auto moved = [&](double step) {
      reference::Recurrent r = layer_.reference();
      values(r, [&](reference::Values& tensor) {
        for (size_t j = 0; j < tensor.size(); ++j) tensor[j] += step * direction(j);
      });
      const reference::Values output = reference::forward(r);
      double loss = 0;
      for (size_t j = 0; j < output.size(); ++j) loss += output[j] * layer_.output_gradient[j];
      return loss;
    };
    return (moved(kStep) - moved(-kStep)) / (2 * kStep);
  }

  const Layer& layer_;
};

TEST_P(KernelsRecurrentTest, GradientsAgreeWithDifferences) {
  Layer layer(GetParam());
  layer.forward();
  layer.backward();
  const Differences differences(layer);
  using R = reference::Recurrent;
  differences.check("weight_ih", layer.d_weight_ih, [](R& r, auto move) { move(r.weight_ih); });
  differences.check("weight_hh", layer.d_weight_hh, [](R& r, auto move) { move(r.weight_hh); });
  differences.check("bias_ih", layer.d_bias_ih, [](R& r, auto move) { move(r.bias_ih); });
  differences.check("bias_hh", layer.d_bias_hh, [](R& r, auto move) { move(r.bias_hh); });
  if (GetParam().feed == Feed::kDense)
    differences.check("input", layer.d_dense, [](R& r, auto move) { move(r.input); });
  if (GetParam().feed == Feed::kEmbedding)
    differences.check("embedding", layer.d_embedding, [&](R& r, auto move) {
      reference::Values table = to_double(layer.embedding);
      move(table);
      r.input = layer.dense_input(table);
    });
}

TEST_P(KernelsRecurrentTest, ThreadsDoNotChangeABit) {
  Layer one(GetParam()), three(GetParam());
  EXPECT_EQ(one.forward(), three.forward(threads_for(3)));
  one.backward();
  three.backward(threads_for(3));
  EXPECT_EQ(one.d_weight_ih, three.d_weight_ih);
  EXPECT_EQ(one.d_weight_hh, three.d_weight_hh);
  EXPECT_EQ(one.d_bias_ih, three.d_bias_ih);
  EXPECT_EQ(one.d_bias_hh, three.d_bias_hh);
  EXPECT_EQ(one.d_dense, three.d_dense);
  EXPECT_EQ(one.d_embedding, three.d_embedding);
}

TEST_P(KernelsRecurrentTest, InstructionSetsAgree) {
  Layer expected(GetParam());
  const Floats output = expected.forward();
  expected.backward();
  for_each_instruction_set([&](const char* name) {
    SCOPED_TRACE(name);
    Layer layer(GetParam());
    expect_close(layer.forward(), output, 3e-6, "output");
    layer.backward();
    expect_close(layer.d_weight_ih, expected.d_weight_ih, 1e-5, "weight_ih");
    expect_close(layer.d_weight_hh, expected.d_weight_hh, 1e-5, "weight_hh");
    expect_close(layer.d_bias_ih, expected.d_bias_ih, 1e-5, "bias_ih");
    expect_close(layer.d_bias_hh, expected.d_bias_hh, 1e-5, "bias_hh");
    expect_close(layer.d_dense, expected.d_dense, 1e-5, "input");
    expect_close(layer.d_embedding, expected.d_embedding, 1e-5, "embedding");
  });
}

constexpr bool kReverse = true, kSequence = true, kMasked = true;
INSTANTIATE_TEST_SUITE_P(
    Shapes, KernelsRecurrentTest,
    testing::Values(
        Case{"GruDense", Cell::kGru, Feed::kDense, 19, 7, 5, 20, !kReverse, !kSequence, !kMasked},
        Case{"GruSequence", Cell::kGru, Feed::kDense, 16, 9, 8, 3, !kReverse, kSequence, !kMasked},
        Case{"GruReverseMasked", Cell::kGru, Feed::kDense, 33, 8, 3, 33, kReverse, kSequence,
             kMasked},
        Case{"GruMaskedLast", Cell::kGru, Feed::kDense, 21, 6, 4, 4, !kReverse, !kSequence,
             kMasked},
        Case{"GruOneHot", Cell::kGru, Feed::kOneHot, 40, 11, 0, 20, !kReverse, !kSequence,
             !kMasked},
        Case{"GruOneHotReverse", Cell::kGru, Feed::kOneHot, 5, 13, 0, 6, kReverse, !kSequence,
             kMasked},
        Case{"GruEmbedding", Cell::kGru, Feed::kEmbedding, 50, 12, 20, 20, !kReverse, !kSequence,
             !kMasked},
        Case{"GruEmbeddingMasked", Cell::kGru, Feed::kEmbedding, 17, 5, 7, 1, kReverse, kSequence,
             kMasked},
        Case{"GruWide", Cell::kGru, Feed::kDense, 3, 3, 64, 64, !kReverse, !kSequence, !kMasked},
        Case{"GruOneStep", Cell::kGru, Feed::kEmbedding, 1, 1, 1, 1, !kReverse, kSequence,
             !kMasked},
        Case{"LstmDense", Cell::kLstm, Feed::kDense, 18, 7, 6, 20, !kReverse, !kSequence, !kMasked},
        Case{"LstmReverseMasked", Cell::kLstm, Feed::kDense, 35, 6, 3, 9, kReverse, kSequence,
             kMasked},
        Case{"LstmEmbedding", Cell::kLstm, Feed::kEmbedding, 30, 10, 50, 33, !kReverse, !kSequence,
             kMasked},
        Case{"LstmOneHot", Cell::kLstm, Feed::kOneHot, 7, 9, 0, 64, !kReverse, kSequence, !kMasked},
        Case{"TanhDense", Cell::kRnnTanh, Feed::kDense, 20, 9, 5, 20, !kReverse, kSequence,
             !kMasked},
        Case{"TanhOneHotMasked", Cell::kRnnTanh, Feed::kOneHot, 17, 6, 0, 3, kReverse, kSequence,
             kMasked},
        Case{"ReluEmbedding", Cell::kRnnRelu, Feed::kEmbedding, 19, 5, 9, 20, !kReverse, !kSequence,
             !kMasked},
        Case{"ReluMasked", Cell::kRnnRelu, Feed::kDense, 16, 5, 2, 7, kReverse, !kSequence,
             kMasked},
        Case{"Linear", Cell::kRnnLinear, Feed::kDense, 22, 5, 4, 20, !kReverse, kSequence, kMasked},
        Case{"LinearOneHot", Cell::kRnnLinear, Feed::kOneHot, 300, 4, 0, 5, !kReverse, !kSequence,
             !kMasked}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(KernelsTokensTest, IndexListsEveryOccurrence) {
  TokenIndex index;
  const std::vector<int32_t> ids{4, 0, 4, 9, 0, 4};
  index_tokens(ids.data(), 6, 10, index);
  EXPECT_EQ(index.ids, (std::vector<int64_t>{4, 0, 9}));
  EXPECT_EQ(index.slots, (std::vector<int32_t>{0, 1, 0, 2, 1, 0}));
  EXPECT_EQ(index.starts, (std::vector<int32_t>{0, 3, 5, 6}));
  EXPECT_EQ(index.order, (std::vector<int32_t>{0, 2, 5, 1, 4, 3}));
}

}  // namespace
}  // namespace nnrun::kernels
