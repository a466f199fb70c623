#include "model/batches.h"

#include <limits>

#include "model/devices.h"

namespace nnrun {
namespace {

using namespace testing;

Examples some_images(int64_t n, int64_t entries) {
  Examples examples;
  for (int64_t i = 0; i < n * entries; ++i) {
    examples.pixels.push_back(static_cast<uint8_t>((i * 89 + i / 7) % 256));
  }
  for (int64_t i = 0; i < n; ++i) examples.labels.push_back(static_cast<int32_t>(3 * i % 5));
  return examples;
}

Examples some_texts(int64_t n, int64_t length) {
  Examples examples;
  for (int64_t i = 0; i < n * length; ++i) {
    examples.ids.push_back(static_cast<int32_t>(i * 31 % 97));
  }
  for (int64_t i = 0; i < n; ++i) {
    examples.labels.push_back(static_cast<int32_t>(i % 4));
    examples.lengths.push_back(static_cast<int32_t>(1 + i % length));
  }
  return examples;
}

/// The same batches by LibTorch on the CPU and by the CUDA half's kernel.
class BatchesTest : public CudaHalfTest {
 protected:
  void expect_same(const Examples& examples, BatchSpec spec) const {
    const ResidentExamples plain(examples, spec);
    spec.device = device;
    spec.half = half;
    const ResidentExamples gathered(examples, spec);
    Order none, none_here, order, order_here;
    shuffle(order, plain.size(), {7, 3}, at::kCPU);
    shuffle(order_here, plain.size(), {7, 3}, device);
    for (const int64_t begin : {0, 4, 8}) {  // the last one is partial
      const int64_t count = std::min<int64_t>(4, plain.size() - begin);
      expect_same(gathered.batch(none_here, begin, count), plain.batch(none, begin, count));
      expect_same(gathered.batch(order_here, begin, count), plain.batch(order, begin, count));
    }
  }

  static void expect_same(const Batch& a, const Batch& b) {
    EXPECT_TRUE(same(a.input, b.input));
    EXPECT_TRUE(same(a.labels, b.labels));
    EXPECT_TRUE(same(a.lengths, b.lengths));
  }
  static bool same(const at::Tensor& a, const at::Tensor& b) {
    if (a.defined() != b.defined()) return false;
    return !a.defined() || (a.scalar_type() == b.scalar_type() && a.cpu().equal(b));
  }
};

TEST_P(BatchesTest, Pixels) { expect_same(some_images(10, 3 * 4 * 5), {{3, 4, 5}, {}, {}}); }

TEST_P(BatchesTest, NormalisedPixels) {
  expect_same(some_images(10, 3 * 30 * 40), {{3, 30, 40}, {0.4, 0.5, 0.3}, {0.2, 0.25, 0.15}});
}

TEST_P(BatchesTest, Texts) { expect_same(some_texts(10, 6), {{6}, {}, {}}); }

/// The occurrence lists of the batch, by LibTorch.
void expect_lists_of(const Batch& batch) {
  const auto [ids, places] =
      at::sort(batch.input.cpu().reshape(-1), std::optional<bool>(true), /*dim=*/0, false);
  EXPECT_TRUE(batch.tokens.ids.cpu().equal(ids));
  EXPECT_TRUE(batch.tokens.places.cpu().equal(places.to(at::kInt)));
}

TEST_P(BatchesTest, ListsWhereTokensOccur) {
  const Examples examples = some_texts(10, 6);
  const ResidentExamples resident(examples, {{6}, {}, {}, false, device, half});
  Order order;
  resident.list_tokens(order, 4);  // in file order
  const auto* const memory = order.tokens.ids.const_data_ptr();
  for (int64_t epoch = 0; epoch < 3; ++epoch) {
    for (const int64_t begin : {0, 4, 8}) {
      expect_lists_of(resident.batch(order, begin, std::min<int64_t>(4, 10 - begin)));
    }
    shuffle(order, 10, {7, epoch}, device);
    resident.list_tokens(order, 4);
    EXPECT_EQ(order.tokens.ids.const_data_ptr(), memory);
  }
}

TEST_P(BatchesTest, ABatchMayBeLargerThanTheSet) {
  const Examples examples = some_texts(10, 6);
  const ResidentExamples resident(examples, {{6}, {}, {}, false, device, half});
  Order order;
  resident.list_tokens(order, std::numeric_limits<int32_t>::max());
  expect_lists_of(resident.batch(order, 0, 10));
}

INSTANTIATE_TEST_SUITE_P(Places, BatchesTest, ::testing::Values(Place::kHostHalf, Place::kGpu),
                         [](const auto& tested) { return place_name(tested.param); });

}  // namespace
}  // namespace nnrun
