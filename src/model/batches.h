#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "nnrun/data.h"

namespace nnrun {

/// The order in which a pass sees the examples of a split.
struct Order {
  std::vector<int64_t> rows;
  at::Tensor on_device;  ///< the same, int64; undefined: file order
};
Order file_order(int64_t n);
/// What keys an epoch's shuffled order.
struct ShuffleKey {
  uint64_t seed = 0;
  int64_t epoch = 0;
};
/// Replaces `order`; its tensor keeps its memory when the length stays.
void shuffle(Order& order, int64_t n, ShuffleKey key, at::Device device);

/// Some examples on the device, ready for the first layer.
struct Batch {
  at::Tensor input;    ///< [n, C, H, W] float32 pixels or [n, L] int32 ids
  at::Tensor labels;   ///< [n] int64
  at::Tensor lengths;  ///< [n] int64; texts only
  at::Tensor bag_ids,
      bag_offsets;  ///< texts with bags only: ids of all texts; [n + 1] where each begins
  int64_t size() const { return labels.size(0); }
};

/// Ragged id lists: the tokens before each text's end and its n-grams.
class Bags {
 public:
  Bags() = default;
  explicit Bags(const Examples& examples);

  /// Ids and offsets of these texts, int32.
  std::pair<at::Tensor, at::Tensor> gather(const int64_t* rows, int64_t count) const;

 private:
  std::vector<int32_t> ids_;
  std::vector<int64_t> begins_;  // [n + 1]
};

/// What turns stored examples into batches.
struct BatchSpec {
  std::vector<int64_t> shape;     ///< of one example
  std::vector<double> mean, std;  ///< per channel; empty: pixels are byte / 255
  bool bags = false;              ///< the model begins with an embedding_bag
  at::Device device = at::kCPU;
};

/// One split, resident on the device as it is stored (pixels as bytes). Borrows the examples'
/// arrays, which have to outlive it.
class ResidentExamples {
 public:
  ResidentExamples(const Examples& examples, const BatchSpec& spec);

  int64_t size() const { return labels_.size(0); }
  Batch batch(const Order& order, int64_t begin, int64_t count) const;

 private:
  at::Tensor pixels_to_float(const at::Tensor& bytes) const;

  at::Tensor input_, labels_, lengths_;
  at::Tensor mean_, std_;  // [C, 1, 1]; undefined without normalisation
  bool has_bags_;
  Bags bags_;
  at::Device device_;
};

}  // namespace nnrun
