#pragma once

#include <cstdint>
#include <ostream>
#include <vector>

#include "model/model_fixture.h"

namespace nnrun::testing {

inline LayerConfig dropout(const std::string& name) {
  LayerConfig config = layer(name, LayerType::kDropout);
  config.rate = 0.4;
  return config;
}

inline LayerConfig activated(LayerConfig config, Activation activation) {
  config.activation = activation;
  return config;
}

inline LayerConfig masked_both_ways(LayerConfig config) {
  config.mask_padding = config.bidirectional = true;
  return config;
}

inline std::vector<LayerConfig> cnn_with_norms() {
  return {conv2d("C1", 6, 3),
          layer("B1", LayerType::kBatchNorm),
          activated(layer("A1", LayerType::kActivation), Activation::kGelu),
          pool("P1", LayerType::kAvgPool2d, 3, 2, Padding::kSame),
          residual("R1", {layer("N1", LayerType::kLayerNorm)}),
          max_pool2d("P2", 3, 2, Padding::kSame),
          layer("G", LayerType::kGlobalAvgPool),
          activated(dense("F1", 9), Activation::kTanh),
          dense("F2", 4)};
}

/// A model with its data: between them, all layer types.
struct Model {
  const char* name;
  int64_t text;  ///< words of its longest text; 0: images
  std::vector<LayerConfig> (*layers)();
};
inline void PrintTo(const Model& model, std::ostream* out) { *out << model.name; }

inline constexpr int64_t kDepth = 256;

inline const Model kModels[] = {
    {"Cnn", 0, small_cnn},
    {"CnnDropout", 0,
     [] {
       auto layers = small_cnn();
       layers.insert(layers.end() - 1, dropout("D1"));
       layers.insert(layers.end() - 3, dropout("D2"));
       return layers;
     }},
    {"CnnNorms", 0, cnn_with_norms},
    {"TokenCnn", 14,
     [] {
       return std::vector<LayerConfig>{one_hot("O", kDepth),
                                       activated(conv1d("C1", 5, 4), Activation::kRelu),
                                       max_pool1d("S1", 4, 2, Padding::kSame),
                                       layer("G", LayerType::kGlobalMaxPool), dense("F", 4)};
     }},
    {"WordCnn", 14,
     [] {
       return std::vector<LayerConfig>{embedding("E", 6),
                                       activated(conv1d("C1", 5, 4), Activation::kSilu),
                                       max_pool1d("S1", 3, 2), flatten(), dense("F", 4)};
     }},
    {"TokenGru", 14,
     [] {
       return std::vector<LayerConfig>{one_hot("O", kDepth), recurrent("R", LayerType::kGru, 20),
                                       dense("F", 4)};
     }},
    {"WordGruStacked", 14,
     [] {
       return std::vector<LayerConfig>{
           embedding("E", 6), recurrent("R1", LayerType::kGru, 7, Return::kSequence), dropout("D1"),
           recurrent("R2", LayerType::kGru, 25), dense("F", 4)};
     }},
    {"WordLstm", 14,
     [] {
       return std::vector<LayerConfig>{
           embedding("E", 6), masked_both_ways(recurrent("R", LayerType::kLstm, 9)), dense("F", 4)};
     }},
    {"TokenRnn", 14,
     [] {
       return std::vector<LayerConfig>{
           one_hot("O", kDepth),
           activated(recurrent("R", LayerType::kRnn, 11, Return::kSequence), Activation::kTanh),
           layer("G", LayerType::kGlobalMaxPool), dense("F", 4)};
     }},
    {"WideGru", 14,  // beyond the kernels
     [] {
       return std::vector<LayerConfig>{embedding("E", 4), recurrent("R", LayerType::kGru, 70),
                                       dense("F", 4)};
     }},
    {"LongLstmGru", 41,  // the kernels' buffers of eight steps take turns
     [] {
       LayerConfig lstm =
           masked_both_ways(recurrent("R1", LayerType::kLstm, 21, Return::kSequence));
       return std::vector<LayerConfig>{one_hot("O", kDepth), lstm,
                                       recurrent("R2", LayerType::kGru, 31), dense("F", 4)};
     }},
    {"LongGru", 41,
     [] {
       return std::vector<LayerConfig>{embedding("E", 5), recurrent("R", LayerType::kGru, 19),
                                       dense("F", 4)};
     }},
    {"RowsOfPixels", 0,
     [] {
       LayerConfig rows = layer("R", LayerType::kReshape);
       rows.shape = {36, 12};
       return std::vector<LayerConfig>{rows, recurrent("G", LayerType::kGru, 6), dense("F", 4)};
     }},
    {"Bags", 14,
     [] {
       return std::vector<LayerConfig>{with_units("E", LayerType::kEmbeddingBag, 6), dense("F", 4)};
     }},
};

inline TestRun run_of(const Model& model) {
  return TestRun(model.layers(),
                 model.text > 0 ? text_dataset(/*ngrams=*/1, model.text) : corner_dataset(52, 12));
}

}  // namespace nnrun::testing
