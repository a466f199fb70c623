#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nnrun/config.h"

/// Short spellings of layer configs for tests: `conv2d("C1", 50, 9)`.
namespace nnrun::testing {

inline LayerConfig layer(const std::string& name, LayerType type) {
  LayerConfig config;
  config.name = name;
  config.type = type;
  return config;
}

inline LayerConfig conv(const std::string& name, LayerType type, int64_t filters, int64_t kernel) {
  LayerConfig config = layer(name, type);
  config.filters = filters;
  config.kernel = {kernel, kernel};
  return config;
}
inline LayerConfig conv2d(const std::string& name, int64_t filters, int64_t kernel) {
  return conv(name, LayerType::kConv2d, filters, kernel);
}
inline LayerConfig conv1d(const std::string& name, int64_t filters, int64_t kernel) {
  return conv(name, LayerType::kConv1d, filters, kernel);
}

inline LayerConfig pool(const std::string& name, LayerType type, int64_t size, int64_t stride,
                        Padding padding) {
  LayerConfig config = layer(name, type);
  config.size = {size, size};
  config.stride = {stride, stride};
  config.padding = padding;
  return config;
}
inline LayerConfig max_pool2d(const std::string& name, int64_t size, int64_t stride,
                              Padding padding = Padding::kValid) {
  return pool(name, LayerType::kMaxPool2d, size, stride, padding);
}
inline LayerConfig max_pool1d(const std::string& name, int64_t size, int64_t stride,
                              Padding padding = Padding::kValid) {
  return pool(name, LayerType::kMaxPool1d, size, stride, padding);
}

/// dense, embedding, embedding_bag, rnn, gru, lstm.
inline LayerConfig with_units(const std::string& name, LayerType type, int64_t units) {
  LayerConfig config = layer(name, type);
  config.units = units;
  return config;
}
inline LayerConfig dense(const std::string& name, int64_t units) {
  return with_units(name, LayerType::kDense, units);
}
inline LayerConfig embedding(const std::string& name, int64_t units) {
  return with_units(name, LayerType::kEmbedding, units);
}
inline LayerConfig recurrent(const std::string& name, LayerType type, int64_t units,
                             Return returns = Return::kLast) {
  LayerConfig config = with_units(name, type, units);
  config.returns = returns;
  return config;
}

inline LayerConfig one_hot(const std::string& name, int64_t depth) {
  LayerConfig config = layer(name, LayerType::kOneHot);
  config.depth = depth;
  return config;
}
inline LayerConfig reshape(const std::string& name, std::vector<int64_t> shape) {
  LayerConfig config = layer(name, LayerType::kReshape);
  config.shape = std::move(shape);
  return config;
}
inline LayerConfig flatten() { return layer("flat", LayerType::kFlatten); }
inline LayerConfig residual(const std::string& name, std::vector<LayerConfig> layers) {
  LayerConfig config = layer(name, LayerType::kResidual);
  config.layers = std::move(layers);
  return config;
}

/// Gives every layer the pointer the reader would give it.
inline void number(std::vector<LayerConfig>& layers, const std::string& parent) {
  for (size_t i = 0; i < layers.size(); ++i) {
    layers[i].pointer = parent + "/" + std::to_string(i);
    number(layers[i].layers, layers[i].pointer + "/layers");
  }
}
inline ModelConfig model(std::vector<LayerConfig> layers, InitScheme init = InitScheme::kKeras) {
  number(layers, "/model/layers");
  ModelConfig config;
  config.init = init;
  config.layers = std::move(layers);
  return config;
}

}  // namespace nnrun::testing
