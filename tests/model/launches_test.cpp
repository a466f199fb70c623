#include <ATen/record_function.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>

#include "host_cuda/host_cuda.h"
#include "model/devices.h"

namespace nnrun {
namespace {

using namespace testing;

/// Operations that make no launch of their own: they allocate, look at memory in another shape, or
/// leave the work to others. The last two read the loss, as steps on the CPU do.
constexpr std::array<std::string_view, 27> kFree{
    "aten::empty",      "aten::empty_like",   "aten::empty_strided",
    "aten::as_strided", "aten::view",         "aten::reshape",
    "aten::t",          "aten::transpose",    "aten::permute",
    "aten::expand",     "aten::narrow",       "aten::slice",
    "aten::select",     "aten::alias",        "aten::detach",
    "detach",           "aten::unsqueeze",    "aten::squeeze",
    "aten::resize_",    "aten::_unsafe_view", "aten::flatten",
    "aten::view_as",    "aten::expand_as",    "aten::resolve_conj",
    "aten::to",         "aten::item",         "aten::_local_scalar_dense"};

bool is_free(std::string_view name) {
  return std::ranges::find(kFree, name) != kFree.end() || !name.starts_with("aten::");
}

/// Counts, while it lives, LibTorch's innermost operations that launch something on a GPU.
class OperationCounter {
 public:
  OperationCounter() : handle_(at::addThreadLocalCallback(at::RecordFunctionCallback(begin, end))) {
    counts.clear();
  }
  ~OperationCounter() { at::removeCallback(handle_); }
  OperationCounter(const OperationCounter&) = delete;
  OperationCounter& operator=(const OperationCounter&) = delete;

  static inline std::map<std::string, int64_t> counts;  ///< by operation

 private:
  static std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction&) {
    inner.push_back(0);
    return nullptr;
  }
  static void end(const at::RecordFunction& function, at::ObserverContext*) {
    const bool innermost = inner.back() == 0;
    inner.pop_back();
    if (is_free(function.name())) return;
    for (int& count : inner) ++count;
    if (innermost) ++counts[function.name()];
  }

  static inline std::vector<int> inner;  // operations that count, by enclosing operation
  at::CallbackHandle handle_;
};

struct Model {
  const char* name;
  std::vector<LayerConfig> (*layers)();
  int64_t kernels, operations;  ///< launches of a step: nnrun's, LibTorch's
};
void PrintTo(const Model& model, std::ostream* out) { *out << model.name; }

struct Launches {
  int64_t kernels = 0;
  std::map<std::string, int64_t> operations;
};

/// Of an epoch of this many steps.
Launches launches_of_epoch(const Model& model, int64_t steps) {
  TestRun run(model.layers(), text_dataset());
  run.request.training.batch_size = run.dataset.train.size() / steps;
  const auto session = open_at(Place::kHostHalf, run);
  session->train_epoch(0, 0.05);  // warms up
  const OperationCounter operations;
  const int64_t before = host_cuda::launches();
  session->train_epoch(1, 0.05);
  return {host_cuda::launches() - before, OperationCounter::counts};
}

class LaunchesTest : public ::testing::TestWithParam<Model> {};

/// On a GPU the small models' time is that of their launches.
TEST_P(LaunchesTest, OfAStep) {
  const Launches one = launches_of_epoch(GetParam(), 1);
  Launches two = launches_of_epoch(GetParam(), 2);
  EXPECT_EQ(two.kernels - one.kernels, GetParam().kernels);
  std::string each;
  int64_t operations = 0;
  for (const auto& [name, count] : two.operations) {
    const auto before = one.operations.find(name);
    const int64_t of_step = count - (before == one.operations.end() ? 0 : before->second);
    operations += of_step;
    if (of_step != 0) each += name + " " + std::to_string(of_step) + "\n";
  }
  EXPECT_EQ(operations, GetParam().operations) << each;
}

const Model kModels[] = {
    {"CharGru",
     [] {
       return std::vector<LayerConfig>{one_hot("O", 256), recurrent("R", LayerType::kGru, 20),
                                       dense("F", 4)};
     },
     8, 3},
    {"WordGru",
     [] {
       return std::vector<LayerConfig>{embedding("E", 6), recurrent("R", LayerType::kGru, 20),
                                       dense("F", 4)};
     },
     8, 7},
};

INSTANTIATE_TEST_SUITE_P(Models, LaunchesTest, ::testing::ValuesIn(kModels),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace nnrun
