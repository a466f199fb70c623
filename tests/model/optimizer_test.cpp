#include "model/optimizer.h"

#include <gtest/gtest.h>

#include "model/optimizer_backend.h"
#include "model/reference_data.h"
#include "model/row_gradient.h"

namespace nnrun {
namespace {

using namespace testing;
using nlohmann::json;

const json& reference() {
  static const json values = read_reference("optimizers.json");
  return values;
}

std::optional<double> optional(const json& options, const char* key) {
  return options.contains(key) ? std::optional(options.at(key).get<double>()) : std::nullopt;
}

OptimizerConfig config_of(const json& entry) {
  OptimizerConfig config;
  const json& options = entry.at("options");
  for (const auto type : {OptimizerType::kSgd, OptimizerType::kRmsprop, OptimizerType::kAdam,
                          OptimizerType::kAdamw, OptimizerType::kAdagrad}) {
    if (name_of(type) == entry.at("type").get<std::string>()) config.type = type;
  }
  config.momentum = options.value("momentum", config.momentum);
  config.nesterov = options.value("nesterov", config.nesterov);
  config.rho = options.value("rho", config.rho);
  config.beta_1 = options.value("beta_1", config.beta_1);
  config.beta_2 = options.value("beta_2", config.beta_2);
  config.epsilon = options.value("epsilon", config.epsilon);
  config.weight_decay = options.value("weight_decay", config.weight_decay);
  config.initial_accumulator = options.value("initial_accumulator", config.initial_accumulator);
  config.clip_value = optional(options, "clip_value");
  config.clip_norm = optional(options, "clip_norm");
  config.global_clip_norm = optional(options, "global_clip_norm");
  return config;
}

/// The variables of the reference at their start.
TensorBank start_weights() {
  std::vector<ParameterSpec> specs;
  for (const auto& [name, shape] : reference().at("shapes").items()) {
    specs.push_back({name, shape.get<std::vector<int64_t>>()});
  }
  TensorBank weights(specs, at::kCPU);
  for (const auto& [name, values] : reference().at("start").items()) {
    weights.load(name, {name, weights[name].sizes().vec(), values.get<std::vector<float>>()});
  }
  return weights;
}

std::vector<at::Tensor> gradients_of(const json& step, const TensorBank& weights) {
  std::vector<at::Tensor> gradients;
  for (const ParameterSpec& spec : weights.specs()) {
    const auto values = step.at(spec.name).get<std::vector<double>>();
    gradients.push_back(at::tensor(values, at::kDouble).to(at::kFloat).view(spec.shape));
  }
  return gradients;
}

void expect_reference(const std::string& name, const OptimizerBackend& backend) {
  const json& expected = reference().at("cases").at(name);
  TensorBank weights = start_weights();
  Optimizer optimizer(config_of(expected), weights, backend);
  const json& steps = reference().at("gradients");
  optimizer.begin_epoch(reference().at("rate"), static_cast<int64_t>(steps.size()));
  for (size_t i = 0; i < steps.size(); ++i) {
    optimizer.step(gradients_of(steps[i], weights), static_cast<int64_t>(i));
  }
  for (const auto& [variable, values] : expected.at("result").items()) {
    const auto numbers = values.get<std::vector<double>>();
    const at::Tensor result =
        at::tensor(numbers, at::kDouble).to(at::kFloat).view_as(weights[variable]);
    EXPECT_LT(error_of(weights[variable], result), 1e-6) << variable;
  }
}

/// Five updates with shrinking gradients against the written-out rules, which agree with legacy
/// Keras 2.
class OptimizerTestKeras : public ::testing::TestWithParam<std::string> {};

TEST_P(OptimizerTestKeras, PlainForm) { expect_reference(GetParam(), tensor_backend()); }

TEST_P(OptimizerTestKeras, FusedForm) {
  expect_reference(GetParam(), optimizer_backend(Kernels::kAuto, at::kCPU));
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& [name, entry] : reference().at("cases").items()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Cases, OptimizerTestKeras, ::testing::ValuesIn(case_names()),
                         [](const auto& tested) { return tested.param; });

TEST(OptimizerTestSlots, AdagradStartsAtItsAccumulator) {
  OptimizerConfig config;
  config.type = OptimizerType::kAdagrad;
  config.initial_accumulator = 0.25;
  const TensorBank weights = start_weights();
  const Optimizer optimizer(config, weights, tensor_backend());
  Tensors out;
  optimizer.append_to(out, optimizer.state());
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[0].name, "optimizer/accumulator/D.weight");
  EXPECT_EQ(out[0].values, std::vector<float>(12, 0.25F));
}

TEST(OptimizerTestClip, NanSpreadsToTheWholeGroup) {
  OptimizerConfig config;
  config.global_clip_norm = 1;
  for (const OptimizerBackend* backend :
       {&tensor_backend(), &optimizer_backend(Kernels::kAuto, at::kCPU)}) {
    const TensorBank weights = start_weights();
    Optimizer optimizer(config, weights, *backend);
    auto gradients = gradients_of(reference().at("gradients")[0], weights);
    gradients[0].view(-1)[0] = std::nan("");
    optimizer.begin_epoch(/*rate=*/0.1, /*steps=*/1);
    optimizer.step(gradients, 0);
    EXPECT_TRUE(weights["R.bias_hh"].isnan().all().item<bool>());
  }
}

TEST(OptimizerTestAdam, AnOverflowEndsAsNan) {
  OptimizerConfig config;
  config.type = OptimizerType::kAdam;
  for (const OptimizerBackend* backend :
       {&tensor_backend(), &optimizer_backend(Kernels::kAuto, at::kCPU)}) {
    const TensorBank weights = start_weights();
    Optimizer optimizer(config, weights, *backend);
    auto gradients = gradients_of(reference().at("gradients")[0], weights);
    optimizer.begin_epoch(/*rate=*/0.1, /*steps=*/2);
    for (const float value : {1e20F, 1.0F}) {
      for (at::Tensor& gradient : gradients) gradient.fill_(value);
      optimizer.step(gradients, value == 1 ? 1 : 0);
    }
    EXPECT_TRUE(weights["R.bias_hh"].isnan().all().item<bool>());
  }
}

// ---- gradients of some rows
// ---------------------------------------------------------------------------------------

struct RowsCase {
  const char* name;
  OptimizerType type;
  double momentum = 0;
  std::optional<double> clip_value = {}, clip_norm = {};
};
void PrintTo(const RowsCase& tested, std::ostream* out) { *out << tested.name; }

constexpr int64_t kTableRows = 500, kTableWidth = 20;

/// Three updates of a table, of which each batch reads other rows.
at::Tensor table_after(const RowsCase& tested, bool sparse) {
  TensorBank weights({{"E.weight", {kTableRows, kTableWidth}}}, at::kCPU);
  const at::Tensor& table = weights["E.weight"];
  table.copy_(at::arange(table.numel(), at::kFloat).view_as(table).sin());
  OptimizerConfig config;
  config.type = tested.type;
  config.momentum = tested.momentum;
  config.clip_value = tested.clip_value;
  config.clip_norm = tested.clip_norm;
  Optimizer optimizer(config, weights, optimizer_backend(Kernels::kAuto, at::kCPU));
  optimizer.begin_epoch(/*rate=*/0.1, /*steps=*/3);
  for (int64_t step = 1; step <= 3; ++step) {
    const std::vector<int64_t> rows{step, 7, kTableRows - step, 3 * step + 40};
    const at::Tensor values = at::arange(4 * kTableWidth, at::kFloat).view({4, kTableWidth}).cos();
    const at::Tensor gradient = row_gradient(rows, values.clone(), kTableRows);
    optimizer.step({sparse ? gradient : gradient.to_dense()}, step - 1);
  }
  return table.clone();
}

/// What is not read moves only where the rule moves it: bit for bit as with the zeros written out.
class OptimizerTestRows : public ::testing::TestWithParam<RowsCase> {};

TEST_P(OptimizerTestRows, EqualTheDenseGradient) {
  EXPECT_TRUE(at::equal(table_after(GetParam(), true), table_after(GetParam(), false)));
}

INSTANTIATE_TEST_SUITE_P(Rules, OptimizerTestRows,
                         ::testing::Values(RowsCase{"sgd", OptimizerType::kSgd},
                                           RowsCase{"sgd_momentum", OptimizerType::kSgd, 0.9},
                                           RowsCase{"rmsprop", OptimizerType::kRmsprop},
                                           RowsCase{"adam", OptimizerType::kAdam},
                                           RowsCase{"adamw", OptimizerType::kAdamw},
                                           RowsCase{"adagrad", OptimizerType::kAdagrad},
                                           RowsCase{"clip_value", OptimizerType::kAdagrad, 0, 0.3},
                                           RowsCase{"clip_norm", OptimizerType::kSgd, 0, {}, 1}),
                         [](const auto& tested) { return tested.param.name; });

// ---- flat buffers
// -------------------------------------------------------------------------------------------------

TensorBank mixed_weights() {
  TensorBank weights({{"A.weight", {3, 5}},
                      {"A.bias", {3}},
                      {"N.running_mean", {3}, InitKind::kZeros, 0, /*trainable=*/false},
                      {"B.weight", {2, 3}},
                      {"E.weight", {8, 4}},
                      {"C.bias", {2}}},
                     at::kCPU, /*fill=*/1);
  return weights;
}

/// Of the trainable tensors above, in their order; those of the table E as rows or not.
std::vector<at::Tensor> mixed_gradients(double value, bool rows = true) {
  const at::Tensor table = row_gradient({2, 5}, at::full({2, 4}, value), /*rows=*/8);
  return {at::full({5, 3}, value).t(), at::full({3}, value), at::full({2, 3}, value),
          rows ? table : table.to_dense(), at::full({2}, value)};
}

TEST(OptimizerTestFlat, NeighboursMakeOneStretch) {
  const TensorBank weights = mixed_weights();
  const std::vector<Stretch> stretches = stretches_of(weights, {}, mixed_gradients(1));
  std::vector<std::pair<size_t, size_t>> ranges;
  for (const Stretch& stretch : stretches) ranges.emplace_back(stretch.begin, stretch.end);
  EXPECT_EQ(ranges, (std::vector<std::pair<size_t, size_t>>{{0, 2}, {2, 3}, {3, 4}, {4, 5}}));
  EXPECT_EQ(stretches_of(weights, {}, mixed_gradients(1, /*rows=*/false)).size(), 2U);
}

TEST(OptimizerTestFlat, OnlyTrainableEntriesMove) {
  const TensorBank weights = mixed_weights();
  Optimizer optimizer({}, weights, optimizer_backend(Kernels::kAuto, at::kCPU));
  optimizer.begin_epoch(/*rate=*/0.5, /*steps=*/1);
  optimizer.step(mixed_gradients(1), 0);
  EXPECT_TRUE(at::equal(weights["A.weight"], at::full({3, 5}, 0.5)));
  EXPECT_TRUE(at::equal(weights["N.running_mean"], at::ones({3})));
  EXPECT_TRUE(at::equal(weights["C.bias"], at::full({2}, 0.5)));
  EXPECT_EQ(weights["E.weight"].sum().item<double>(), 32 - 8 * 0.5);
}

/// From the second step on.
TEST(OptimizerTestFlat, GradientsMayBeWrittenToTheirPlaces) {
  OptimizerConfig config;
  config.momentum = 0.9;
  const TensorBank copied = mixed_weights(), written = mixed_weights();
  Optimizer copies(config, copied, optimizer_backend(Kernels::kAuto, at::kCPU));
  Optimizer finds(config, written, optimizer_backend(Kernels::kAuto, at::kCPU));
  for (Optimizer* optimizer : {&copies, &finds}) {
    optimizer->begin_epoch(/*rate=*/0.5, /*steps=*/2);
    optimizer->step(mixed_gradients(1), 0);
  }
  copies.step(mixed_gradients(3), 1);
  std::vector<at::Tensor> places = mixed_gradients(3);
  for (size_t i = 0; i < places.size(); ++i) {
    if (!places[i].is_sparse()) places[i] = finds.variables()[i].grad().fill_(3);
  }
  finds.step(places, 1);
  EXPECT_TRUE(at::equal(copied.flat(), written.flat()));
}

}  // namespace
}  // namespace nnrun
