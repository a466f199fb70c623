#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "model/kernels/cuda/token_sums_entry.h"
#include "model/kernels/kernel_testing.h"

/// The kernels for sums along occurrence lists and for the convolution on tokens, run on the host.
namespace nnrun::kernels {
namespace {

size_t index_of(int64_t i) { return static_cast<size_t>(i); }

/// Ids of a batch, sorted as the kernels want them.
class Occurrences {
 public:
  explicit Occurrences(const std::vector<int32_t>& ids, int64_t width) : positions_(ids.size()) {
    std::iota(positions_.begin(), positions_.end(), 0);
    std::stable_sort(positions_.begin(), positions_.end(),
                     [&](int32_t a, int32_t b) { return ids[index_of(a)] < ids[index_of(b)]; });
    for (const int32_t position : positions_) sorted_.push_back(ids[index_of(position)]);
    partials_.assign(index_of(token_chunks(count()) * 2 * width), std::nanf(""));
  }

  int64_t count() const { return static_cast<int64_t>(sorted_.size()); }
  NnrunOccurrences job() { return {sorted_.data(), positions_.data(), count(), partials_.data()}; }

 private:
  std::vector<int32_t> sorted_;
  std::vector<int32_t> positions_;
  Floats partials_;
};

/// Ids by how often each occurs: runs inside a chunk, across one border and over many chunks.
std::vector<int32_t> shuffled_ids(const std::vector<int>& counts) {
  std::vector<int32_t> ids;
  for (size_t id = 0; id < counts.size(); ++id) {
    ids.insert(ids.end(), static_cast<size_t>(counts[id]), static_cast<int32_t>(id));
  }
  std::shuffle(ids.begin(), ids.end(), std::mt19937(3));
  return ids;
}

class KernelsCudaTokenSumsTest : public testing::TestWithParam<std::vector<int>> {};

TEST_P(KernelsCudaTokenSumsTest, SumsEveryIdsRows) {
  constexpr int64_t kWidth = 3;
  const std::vector<int32_t> ids = shuffled_ids(GetParam());
  const auto vocabulary = static_cast<int64_t>(GetParam().size());
  const Floats rows = random_floats(static_cast<int64_t>(ids.size()) * kWidth, 1, 5);
  std::vector<double> expected(index_of(vocabulary * kWidth), 0);
  for (size_t i = 0; i < rows.size(); ++i) {
    expected[index_of(ids[i / kWidth] * kWidth) + i % kWidth] += rows[i];
  }
  Occurrences occurrences(ids, kWidth);
  Floats sums(expected.size(), 0);
  const NnrunTokenSums job{occurrences.job(), rows.data(), kWidth, sums.data(), kWidth, 1};
  EXPECT_EQ(nnrun_cuda_token_sums(&job, nullptr), nullptr);
  expect_close(sums, expected, 1e-6, "sums");

  // The same, a column after the other.
  Floats columns(expected.size(), 0);
  const NnrunTokenSums by_column{occurrences.job(), rows.data(), kWidth,
                                 columns.data(),    1,           vocabulary};
  EXPECT_EQ(nnrun_cuda_token_sums(&by_column, nullptr), nullptr);
  for (int64_t i = 0; i < vocabulary * kWidth; ++i) {
    EXPECT_EQ(columns[index_of(i % kWidth * vocabulary + i / kWidth)], sums[index_of(i)]);
  }
}

INSTANTIATE_TEST_SUITE_P(Counts, KernelsCudaTokenSumsTest,
                         testing::Values(std::vector<int>{1}, std::vector<int>{32},
                                         std::vector<int>{33}, std::vector<int>{200},
                                         std::vector<int>{5, 0, 7, 1},
                                         std::vector<int>{31, 1, 32, 64, 3},
                                         std::vector<int>{20, 100, 20, 0, 31, 33},
                                         std::vector<int>{0, 64, 64, 1, 1, 1}));

// Two bags of three places, the ids 0 (twice) and 2, and one without tokens.
class KernelsCudaBagTest : public testing::Test {
 protected:
  static constexpr int32_t kNone = kNnrunNoToken;
  const std::vector<int32_t> ids{2, 0, 0, 2, kNone, kNone, kNone, kNone, kNone};
  const Floats table{1, 2, -5, -5, 4, 8};  // [3, 2]
  Floats output = Floats(6, -7), sizes = Floats(3, -7);
  const NnrunBags bags{ids.data(), 3, 3, table.data(), 2, output.data(), sizes.data()};

  void run() const { EXPECT_EQ(nnrun_cuda_bag_means(&bags, nullptr), nullptr); }
};

TEST_F(KernelsCudaBagTest, MeansOfTheRowsThatAreThere) {
  run();
  EXPECT_EQ(output, (Floats{2, 4, 4, 8, 0, 0}));
  EXPECT_EQ(sizes, (Floats{3, 1, 0}));
}

TEST_F(KernelsCudaBagTest, GradientsAreSharedAmongTheTokens) {
  run();
  const Floats gradient{3, 6, 5, 7, 100, 100};
  Occurrences occurrences(ids, 2);
  Floats sums(6, 0);
  const NnrunBagSums job{occurrences.job(), bags, gradient.data(), sums.data()};
  EXPECT_EQ(nnrun_cuda_bag_sums(&job, nullptr), nullptr);
  EXPECT_EQ(sums, (Floats{2, 4, 0, 0, 6, 9}));
}

TEST(KernelsCudaTokenSumsTestPadding, PlacesWithoutATokenCountForNone) {
  std::vector<int32_t> ids = shuffled_ids({40, 3, 70});  // across borders, and so do the empty ones
  for (int i = 0; i < 100; ++i) ids.insert(ids.begin() + i, kNnrunNoToken);
  const Floats rows = random_floats(static_cast<int64_t>(ids.size()), 1, 5);
  std::vector<double> expected(3, 0);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] != kNnrunNoToken) expected[index_of(ids[i])] += rows[i];
  }
  Occurrences occurrences(ids, 1);
  Floats sums(3, 0);
  const NnrunTokenSums job{occurrences.job(), rows.data(), 1, sums.data(), 1, 1};
  EXPECT_EQ(nnrun_cuda_token_sums(&job, nullptr), nullptr);
  expect_close(sums, expected, 1e-6, "sums");
}

struct ConvCase {
  int64_t length, filters, kernel, stride, pad_before, outputs;
};

class KernelsCudaTokenConvTest : public testing::TestWithParam<ConvCase> {
 protected:
  static constexpr int64_t kBatch = 4, kVocabulary = 9;

  NnrunTokenConv conv(float* output) const {
    const ConvCase& c = GetParam();
    return {ids.data(), weight.data(), bias.data(), output,   kBatch,   c.length,
            c.outputs,  kVocabulary,   c.filters,   c.kernel, c.stride, c.pad_before};
  }
  int64_t outputs() const { return kBatch * GetParam().filters * GetParam().outputs; }
  int64_t columns() const { return GetParam().kernel * GetParam().filters; }

  /// Calls body(output, entry of the weight) wherever a tap meets a position.
  template <class Body>
  void for_each_tap(const Body& body) const {
    const ConvCase& c = GetParam();
    for (int64_t n = 0; n < kBatch; ++n)
      for (int64_t f = 0; f < c.filters; ++f)
        for (int64_t p = 0; p < c.outputs; ++p)
          for (int64_t k = 0; k < c.kernel; ++k) {
            const int64_t l = p * c.stride + k - c.pad_before;
            if (l < 0 || l >= c.length) continue;
            const int64_t id = ids[index_of(n * c.length + l)];
            body((n * c.filters + f) * c.outputs + p, (f * kVocabulary + id) * c.kernel + k);
          }
  }

  std::vector<int32_t> ids = random_ids(kBatch * GetParam().length, kVocabulary - 1, 1);
  Floats weight = random_floats(kVocabulary * columns(), 1, 2);
  Floats bias = random_floats(GetParam().filters, 1, 3);
};

TEST_P(KernelsCudaTokenConvTest, AddsTheEntriesOfItsWindow) {
  std::vector<double> expected(index_of(outputs()));
  for (size_t i = 0; i < expected.size(); ++i) {
    expected[i] = bias[i / index_of(GetParam().outputs) % bias.size()];
  }
  for_each_tap(
      [&](int64_t at, int64_t entry) { expected[index_of(at)] += weight[index_of(entry)]; });
  Floats output(expected.size(), -7);
  const NnrunTokenConv job = conv(output.data());
  EXPECT_EQ(nnrun_cuda_token_conv(&job, nullptr), nullptr);
  expect_close(output, expected, 1e-6, "output");
}

TEST_P(KernelsCudaTokenConvTest, WeightGradientSumsTheOutputsItReached) {
  const Floats gradient = random_floats(outputs(), 1, 4);
  std::vector<double> expected(weight.size(), 0);
  for_each_tap(
      [&](int64_t at, int64_t entry) { expected[index_of(entry)] += gradient[index_of(at)]; });
  Occurrences occurrences(ids, columns());
  Floats sums(weight.size(), 0);
  const NnrunTokenConvSums job{occurrences.job(), conv(nullptr), gradient.data(), sums.data()};
  EXPECT_EQ(nnrun_cuda_token_conv_sums(&job, nullptr), nullptr);
  expect_close(sums, expected, 1e-6, "weight gradient");
}

INSTANTIATE_TEST_SUITE_P(Shapes, KernelsCudaTokenConvTest,
                         testing::Values(ConvCase{30, 4, 5, 1, 0, 26}, ConvCase{17, 3, 4, 2, 1, 8},
                                         ConvCase{12, 2, 3, 1, 1, 12}, ConvCase{9, 1, 9, 1, 0, 1},
                                         ConvCase{11, 2, 2, 3, 0, 4}));

}  // namespace
}  // namespace nnrun::kernels
