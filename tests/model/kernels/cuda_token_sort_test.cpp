#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "host_cuda/host_cuda.h"
#include "model/kernels/cuda/token_sort.h"
#include "model/kernels/cuda/token_sums.h"
#include "model/kernels/kernel_testing.h"

/// The kernel that makes the occurrence lists of a pass, run on the host.
namespace nnrun::kernels {
namespace {

using Ints = std::vector<int32_t>;

struct Case {
  const char* name;
  int64_t rows, length, batch;
  int32_t largest;
  bool shuffled;
  bool padded = false;  ///< some places hold no token
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

struct Lists {
  Ints ids, places;
  bool operator==(const Lists&) const = default;
};

class KernelsCudaTokenSortTest : public testing::TestWithParam<Case> {
 protected:
  const Case c = GetParam();
  Ints ids = random_ids(c.rows * c.length, c.largest + 1, 1);
  std::vector<int64_t> order = std::vector<int64_t>(static_cast<size_t>(c.rows));

  void SetUp() override {
    ids[0] = c.largest;
    for (size_t i = 0; i < ids.size() && c.padded; i += 3) ids[i] = kNnrunNoToken;
    std::iota(order.begin(), order.end(), int64_t{0});
    if (c.shuffled) std::shuffle(order.begin(), order.end(), std::mt19937(2));
  }

  /// By the definition.
  Lists expected() const {
    Lists all;
    for (int64_t first = 0; first < c.rows; first += c.batch) {
      Ints batch;
      for (int64_t n = first; n < std::min(c.rows, first + c.batch); ++n) {
        const auto row = ids.begin() + order[static_cast<size_t>(n)] * c.length;
        batch.insert(batch.end(), row, row + c.length);
      }
      Ints places(batch.size());
      std::iota(places.begin(), places.end(), 0);
      const auto id = [&](int32_t place) { return batch[static_cast<size_t>(place)]; };
      std::ranges::stable_sort(places, {}, id);
      std::ranges::transform(places, std::back_inserter(all.ids), id);
      all.places.insert(all.places.end(), places.begin(), places.end());
    }
    return all;
  }

  Lists run() const {
    Lists lists{Ints(ids.size(), -7), Ints(ids.size(), -7)};
    Lists spare{Ints(ids.size()), Ints(ids.size())};
    const bool spares = nnrun_cuda_sort_spares(c.largest) != 0;
    NnrunTokenSort job{};
    job.ids = ids.data();
    job.order = c.shuffled ? order.data() : nullptr;
    job.examples = c.rows;
    job.length = c.length;
    job.batch = c.batch;
    job.largest = c.largest;
    job.sorted = lists.ids.data();
    job.places = lists.places.data();
    job.spare_sorted = spares ? spare.ids.data() : nullptr;
    job.spare_places = spares ? spare.places.data() : nullptr;
    EXPECT_EQ(nnrun_cuda_token_sort(&job, nullptr), nullptr);
    return lists;
  }
};

TEST_P(KernelsCudaTokenSortTest, SortsEveryBatchStably) { EXPECT_EQ(run(), expected()); }

TEST_P(KernelsCudaTokenSortTest, OrderOfThreadsDoesNotMatter) {
  const host_cuda::LastThreadFirst order_of_threads;
  EXPECT_EQ(run(), expected());
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, KernelsCudaTokenSortTest,
    testing::Values(Case{"OneToken", 1, 1, 1, 0, false}, Case{"Chars", 10, 257, 4, 254, true},
                    Case{"TwoPasses", 5, 300, 5, 255, true}, Case{"Words", 7, 1100, 3, 20000, true},
                    Case{"ThreePasses", 3, 40, 2, 65535, false},
                    Case{"FourPasses", 2, 33, 1, 1 << 30, true},
                    Case{"OneId", 2, 2000, 2, 0, false}, Case{"Bags", 6, 50, 4, 300, true, true},
                    Case{"Padded", 4, 9, 4, 254, false, true}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace nnrun::kernels
