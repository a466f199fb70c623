#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/layer_builders.h"
#include "nnrun/engine.h"
#include "nnrun/plan.h"
#include "nnrun/random.h"

extern "C" nnrun::Engine* nnrun_engine_create_v1();

/// Small data sets, plans and sessions for the tests of the engine.
namespace nnrun::testing {

inline void fail_on_problem(const std::string& pointer, const std::string& message) {
  ADD_FAILURE() << pointer << ": " << message;
}

inline ModelPlan plan_of(std::vector<LayerConfig> layers, const InputSpec& input) {
  return plan_model(model(std::move(layers)), input, fail_on_problem);
}

/// Images whose class shows as a bright corner, on noise; learnable in a few epochs.
inline Examples corner_images(int64_t n, uint64_t seed) {
  constexpr int64_t kSide = 12, kClasses = 4;
  const RandomStream noise(seed, Purpose::kSynthetic);
  Examples examples;
  for (int64_t i = 0; i < n * 3 * kSide * kSide; ++i) {
    examples.pixels.push_back(static_cast<uint8_t>(noise.below(static_cast<uint64_t>(i), 120)));
  }
  for (int64_t i = 0; i < n; ++i) {
    const int64_t label = i % kClasses, top = label / 2 * 6, left = label % 2 * 6;
    for (int64_t k = 0; k < 36; ++k) {
      const int64_t cell = (i * 3 * kSide + top + k / 6) * kSide + left + k % 6;
      examples.pixels[static_cast<size_t>(cell)] = 230;
    }
    examples.labels.push_back(static_cast<int32_t>(label));
  }
  return examples;
}

inline Dataset corner_dataset(int64_t train, int64_t test) {
  Dataset dataset;
  dataset.train = corner_images(train, 1);
  dataset.test = corner_images(test, 2);
  dataset.input = {{ShapeKind::kImage, {3, 12, 12}}, 4, std::nullopt, 0};
  return dataset;
}

/// 52 texts to train, 12 to test, 4 classes; up to so many words each.
inline Dataset text_dataset(int64_t ngrams = 1, int64_t max_length = 14) {
  DataConfig config;
  config.type = DataType::kSyntheticText;
  config.classes = 4;
  config.train = 52;
  config.test = 12;
  config.unit = TextUnit::kWord;
  config.max_length = max_length;
  config.ngrams = ngrams;
  return load_dataset(config, /*data_dir=*/"", /*seed=*/3);
}

/// The report's Part A net in small: conv, pool, conv, pool, dense, dense.
inline std::vector<LayerConfig> small_cnn() {
  LayerConfig c1 = conv2d("C1", 6, 5), c2 = conv2d("C2", 5, 3);
  c1.activation = c2.activation = Activation::kRelu;
  return {c1,
          max_pool2d("S1", 2, 2),
          c2,
          max_pool2d("S2", 2, 2),
          flatten(),
          dense("F3", 8),
          dense("F4", 4)};
}

/// Weights from the layers' own laws; every value depends on name and seed alone.
inline Tensors some_weights(const ModelPlan& plan, uint64_t seed = 5, double scale = 0.3) {
  Tensors tensors;
  for (const ParameterSpec& spec : plan.all_parameters()) {
    const RandomStream random(seed, Purpose::kWeights, fnv1a(spec.name));
    Tensor tensor{spec.name, spec.shape, std::vector<float>(static_cast<size_t>(spec.elements()))};
    for (size_t i = 0; i < tensor.values.size(); ++i) {
      tensor.values[i] = static_cast<float>(scale * (2.0 * random.uniform(i) - 1.0));
      if (spec.init == InitKind::kOnes) tensor.values[i] = 1;
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

/// A session with its plan and weights; `request` may be changed before open().
struct TestRun {
  Dataset dataset;
  ModelPlan plan;
  SessionRequest request;

  TestRun(std::vector<LayerConfig> layers, Dataset data)
      : dataset(std::move(data)), plan(plan_of(std::move(layers), dataset.input)) {
    request.training.batch_size = 16;
    request.optimizer.learning_rate = 0.05;
    request.seed = 7;
  }

  std::unique_ptr<Session> open() {
    request.plan = &plan;
    request.dataset = &dataset;
    auto session = nnrun_engine_create_v1()->open(request);
    session->restore(some_weights(plan), 0);
    return session;
  }
};

inline Tensors state_of(Session& session) {
  session.mark(Mark::kLast);
  return session.state(Mark::kLast);
}

inline bool same_bytes(const Tensors& a, const Tensors& b) {
  const auto equal = [](const Tensor& x, const Tensor& y) {
    return x.name == y.name && x.shape == y.shape && x.values == y.values;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
}

}  // namespace nnrun::testing
