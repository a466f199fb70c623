#include "model/kernels/cpu/lookup.h"

#include <gtest/gtest.h>

#include "model/kernels/kernel_testing.h"

namespace nnrun::kernels {
namespace {

using Doubles = std::vector<double>;
constexpr int64_t kVocabulary = 23;

struct Case {
  const char* name;
  int64_t batch, length, features, filters, kernel, stride, pad_before,
      outputs;  // features 0: one-hot
  bool relu;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

/// The convolution as it is defined, over dense inputs in double precision.
struct Reference {
  ConvLookupShape s;
  Doubles weight, bias, input;  // [O, F, K], [O], [N, F, L]

  template <class Visit>  // visit(n, o, p, index of weight, index of input)
  void for_each_product(const Visit& visit) const {
    for (int64_t n = 0; n < s.batch; ++n)
      for (int64_t o = 0; o < s.filters; ++o)
        for (int64_t p = 0; p < s.outputs; ++p)
          for (int64_t f = 0; f < s.inputs; ++f)
            for (int64_t k = 0; k < s.kernel; ++k) {
              const int64_t l = p * s.stride + k - s.pad_before;
              if (l < 0 || l >= s.length) continue;
              visit(static_cast<size_t>((n * s.filters + o) * s.outputs + p),
                    static_cast<size_t>((o * s.inputs + f) * s.kernel + k),
                    static_cast<size_t>((n * s.inputs + f) * s.length + l));
            }
  }

  Doubles forward() const {
    Doubles out(static_cast<size_t>(s.batch * s.filters * s.outputs));
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = bias[i / static_cast<size_t>(s.outputs) % static_cast<size_t>(s.filters)];
    for_each_product([&](size_t y, size_t w, size_t x) { out[y] += weight[w] * input[x]; });
    if (s.relu)
      for (double& value : out) value = std::max(value, 0.);
    return out;
  }
};

class Layer {
 public:
  explicit Layer(const Case& c)
      : shape{c.batch,      c.length,  c.features ? c.features : kVocabulary,
              c.filters,    c.kernel,  c.stride,
              c.pad_before, c.outputs, c.relu},
        one_hot(c.features == 0),
        weight(random_floats(c.filters * shape.inputs * c.kernel, 1, 1)),
        bias(random_floats(c.filters, 1, 2)),
        embedding(random_floats(kVocabulary * shape.inputs, 1, 3)),
        output_gradient(random_floats(c.batch * c.filters * c.outputs, 1, 4)),
        ids(random_ids(c.batch * c.length, kVocabulary - 2, 5)) {
    index_tokens(ids.data(), c.batch * c.length, kVocabulary, tokens);
  }

  void step(const ParallelFor& parallel_for = serial_for) {
    const ConvLookupInput input{&tokens, one_hot ? nullptr : embedding.data()};
    output.assign(output_gradient.size(), -7);
    d_weight.assign(weight.size(), 0);
    d_bias.assign(bias.size(), -7);
    Floats rows(static_cast<size_t>(tokens.distinct() * shape.inputs), -7);
    conv_lookup_forward(shape, weight.data(), bias.data(), input, output.data(), tape,
                        parallel_for);
    conv_lookup_backward(shape, input, output.data(), output_gradient.data(),
                         {d_weight.data(), d_bias.data(), rows.data()}, tape, parallel_for);
    d_embedding = to_table(tokens, rows.data(), shape.inputs, shape.inputs, kVocabulary);
  }

  Reference reference() const {
    Reference r{shape, to_double(weight), to_double(bias), {}};
    for (int64_t n = 0; n < shape.batch; ++n)
      for (int64_t f = 0; f < shape.inputs; ++f)
        for (int64_t l = 0; l < shape.length; ++l) {
          const int64_t id = ids[static_cast<size_t>(n * shape.length + l)];
          r.input.push_back(one_hot ? (id == f ? 1. : 0.)
                                    : embedding[static_cast<size_t>(id * shape.inputs + f)]);
        }
    return r;
  }

  ConvLookupShape shape;
  bool one_hot;
  Floats weight, bias, embedding, output_gradient;
  Floats output, d_weight, d_bias, d_embedding;
  std::vector<int32_t> ids;
  TokenIndex tokens;
  ConvLookupTape tape;
};

class KernelsLookupTest : public testing::TestWithParam<Case> {};

/// The gradients by the definition: every product y += w x gives dw += dy x and dx += dy w.
TEST_P(KernelsLookupTest, ConvolutionFollowsTheDefinition) {
  for_each_instruction_set([](const char* name) {
    SCOPED_TRACE(name);
    Layer layer(GetParam());
    layer.step();
    const Reference r = layer.reference();
    const Doubles output = r.forward();
    expect_close(layer.output, output, 3e-6, "output");
    Doubles d_output = to_double(layer.output_gradient), d_bias(layer.bias.size());
    Doubles d_weight(layer.weight.size()), d_input(r.input.size()),
        d_embedding(layer.embedding.size());
    for (size_t i = 0; i < output.size(); ++i) {
      if (r.s.relu && output[i] <= 0) d_output[i] = 0;
      d_bias[i / static_cast<size_t>(r.s.outputs) % d_bias.size()] += d_output[i];
    }
    r.for_each_product([&](size_t y, size_t w, size_t x) {
      d_weight[w] += d_output[y] * r.input[x];
      d_input[x] += d_output[y] * r.weight[w];
    });
    expect_close(layer.d_weight, d_weight, 5e-6, "weight");
    expect_close(layer.d_bias, d_bias, 5e-6, "bias");
    if (layer.one_hot) return;
    const auto features = static_cast<size_t>(r.s.inputs), length = static_cast<size_t>(r.s.length);
    for (size_t i = 0; i < d_input.size(); ++i) {
      const size_t n = i / (features * length), f = i / length % features, l = i % length;
      d_embedding[static_cast<size_t>(layer.ids[n * length + l]) * features + f] += d_input[i];
    }
    expect_close(layer.d_embedding, d_embedding, 5e-6, "embedding");
  });
}

TEST_P(KernelsLookupTest, ThreadsDoNotChangeABit) {
  Layer one(GetParam()), three(GetParam());
  one.step();
  three.step(threads_for(3));
  EXPECT_EQ(one.output, three.output);
  EXPECT_EQ(one.d_weight, three.d_weight);
  EXPECT_EQ(one.d_bias, three.d_bias);
  EXPECT_EQ(one.d_embedding, three.d_embedding);
}

INSTANTIATE_TEST_SUITE_P(Shapes, KernelsLookupTest,
                         testing::Values(Case{"OneHot", 70, 12, 0, 10, 5, 1, 0, 8, true},
                                         Case{"OneHotLinear", 3, 9, 0, 17, 3, 1, 0, 7, false},
                                         Case{"Strided", 6, 20, 0, 3, 4, 3, 0, 6, true},
                                         Case{"Same", 5, 11, 0, 6, 4, 1, 1, 11, true},
                                         Case{"SameStrided", 5, 11, 7, 6, 5, 2, 2, 6, false},
                                         Case{"Embedding", 64, 13, 20, 10, 6, 1, 0, 8, true},
                                         Case{"OneCell", 2, 1, 3, 1, 1, 1, 0, 1, false},
                                         Case{"Wide", 4, 8, 33, 40, 3, 1, 0, 6, true}),
                         [](const auto& tested) { return std::string(tested.param.name); });

struct EmbeddingCase {
  int64_t batch, length, features;
};
class KernelsLookupTestEmbedding : public testing::TestWithParam<EmbeddingCase> {};

TEST_P(KernelsLookupTestEmbedding, GathersRowsAndScattersSums) {
  const auto [batch, length, features] = GetParam();
  const std::vector<int32_t> ids = random_ids(batch * length, kVocabulary - 2, 1);
  const Floats table = random_floats(kVocabulary * features, 1, 2);
  const Floats gradient = random_floats(batch * length * features, 1, 3);
  TokenIndex tokens;
  index_tokens(ids.data(), batch * length, kVocabulary, tokens);
  Floats output(gradient.size()), rows(static_cast<size_t>(tokens.distinct() * features));
  Floats threaded(rows.size());
  EmbeddingScratch scratch;
  embedding_gather(tokens, length, features, table.data(), output.data(), threads_for(2));
  embedding_scatter(tokens, length, features, gradient.data(), rows.data(), scratch, serial_for);
  embedding_scatter(tokens, length, features, gradient.data(), threaded.data(), scratch,
                    threads_for(3));
  Doubles expected(table.size());
  for (int64_t n = 0; n < batch; ++n)
    for (int64_t f = 0; f < features; ++f)
      for (int64_t l = 0; l < length; ++l) {
        const auto at = static_cast<size_t>((n * features + f) * length + l);
        const auto row =
            static_cast<size_t>(int64_t{ids[static_cast<size_t>(n * length + l)]} * features + f);
        EXPECT_EQ(output[at], table[row]);
        expected[row] += gradient[at];
      }
  expect_close(to_table(tokens, rows.data(), features, features, kVocabulary), expected, 3e-6,
               "embedding");
  EXPECT_EQ(rows, threaded);
}

INSTANTIATE_TEST_SUITE_P(Shapes, KernelsLookupTestEmbedding,
                         testing::Values(EmbeddingCase{1, 1, 1}, EmbeddingCase{40, 30, 20},
                                         EmbeddingCase{3, 7, 5}, EmbeddingCase{9, 100, 50}));

// ---- bags
// ---------------------------------------------------------------------------------------

/// Texts of these many ids, empty ones among them.
struct BagCase {
  std::vector<int32_t> sizes;
  int64_t features;
};
class KernelsLookupTestBag : public testing::TestWithParam<BagCase> {
 protected:
  KernelsLookupTestBag() : features(GetParam().features), offsets{0} {
    for (const int32_t size : GetParam().sizes) offsets.push_back(offsets.back() + size);
    ids = random_ids(offsets.back(), kVocabulary - 2, 1);
    table = random_floats(kVocabulary * features, 1, 2);
    gradient = random_floats(batch() * features, 1, 3);
  }

  int64_t batch() const { return static_cast<int64_t>(offsets.size()) - 1; }
  BagIds bags() const { return {ids.data(), offsets.data(), batch()}; }

  template <class Visit>  // visit(n, f, index into the table, 1 / ids of n) for every id
  void for_each_place(const Visit& visit) const {
    for (int64_t n = 0; n < batch(); ++n)
      for (int64_t p = offsets[static_cast<size_t>(n)]; p < offsets[static_cast<size_t>(n) + 1];
           ++p)
        for (int64_t f = 0; f < features; ++f)
          visit(static_cast<size_t>(n * features + f),
                static_cast<size_t>(int64_t{ids[static_cast<size_t>(p)]} * features + f),
                1. / static_cast<double>(bags().size(n)));
  }

  Floats scattered(const ParallelFor& parallel_for) const {
    BagScratch scratch;
    const BagRows rows =
        bag_scatter(bags(), kVocabulary, features, gradient.data(), scratch, parallel_for);
    return to_table(scratch.tokens, rows.data, rows.stride, features, kVocabulary);
  }

  int64_t features;
  std::vector<int32_t> ids, offsets;
  Floats table, gradient;
};

TEST_P(KernelsLookupTestBag, MeansOfRowsAndTheirGradients) {
  Doubles means(gradient.size()), d_table(table.size());
  for_each_place([&](size_t out, size_t row, double share) {
    means[out] += share * table[row];
    d_table[row] += share * gradient[out];
  });
  for_each_instruction_set([&](const char* name) {
    SCOPED_TRACE(name);
    Floats output(gradient.size(), -7);
    bag_gather(bags(), features, table.data(), output.data(), serial_for);
    expect_close(output, means, 3e-6, "means");
    expect_close(scattered(serial_for), d_table, 3e-6, "gradient");
  });
}

TEST_P(KernelsLookupTestBag, ThreadsDoNotChangeABit) {
  Floats one(gradient.size()), three(gradient.size());
  bag_gather(bags(), features, table.data(), one.data(), serial_for);
  bag_gather(bags(), features, table.data(), three.data(), threads_for(3));
  EXPECT_EQ(one, three);
  EXPECT_EQ(scattered(serial_for), scattered(threads_for(3)));
}

INSTANTIATE_TEST_SUITE_P(Sizes, KernelsLookupTestBag,
                         testing::Values(BagCase{{1}, 1}, BagCase{{0}, 3}, BagCase{{4, 0, 7}, 16},
                                         BagCase{{2, 900, 0, 31}, 20}, BagCase{{300, 5}, 33}));

}  // namespace
}  // namespace nnrun::kernels
