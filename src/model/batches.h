#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "model/token_order.h"
#include "nnrun/data.h"

namespace nnrun {

class CudaHalf;

/// The order in which a pass sees the examples of a split; empty: file order.
struct Order {
  std::vector<int64_t> rows;
  at::Tensor on_device;  ///< the same, int64
  TokenOrder tokens;     ///< of the pass's batches, one after another; see list_tokens
  int64_t row(int64_t place) const {
    return rows.empty() ? place : rows[static_cast<size_t>(place)];
  }
};
/// What keys an epoch's shuffled order.
struct ShuffleKey {
  uint64_t seed = 0;
  int64_t epoch = 0;
};
/// Replaces the rows; their tensor keeps its memory when the length stays.
void shuffle(Order& order, int64_t n, ShuffleKey key, at::Device device);

/// Some examples on the device, ready for the first layer.
struct Batch {
  at::Tensor input;    ///< [n, C, H, W] float32 pixels or [n, L] int32 ids
  at::Tensor labels;   ///< [n] int64
  at::Tensor lengths;  ///< [n] int64; texts only
  at::Tensor bag_ids,
      bag_offsets;  ///< texts with bags only: ids of all texts; [n + 1] where each begins. With the
                    ///< CUDA half: undefined, `input` holds the bags at one length
  TokenOrder tokens;  ///< where the order has them
};

/// Ragged id lists: the tokens before each text's end and its n-grams.
class Bags {
 public:
  Bags() = default;
  explicit Bags(const Examples& examples);

  /// Ids and offsets of the texts at places begin … begin + count - 1, int32.
  std::pair<at::Tensor, at::Tensor> gather(const Order& order, int64_t begin, int64_t count) const;

  /// All bags at one length, [texts, ids of the longest], int32: each its ids, then kNnrunNoToken.
  at::Tensor padded() const;

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
  const CudaHalf* half = nullptr;  ///< whose kernel gathers batches; may be null
};

/// A split's tensors as they lie on the device.
struct StoredExamples {
  at::Tensor input;        ///< [N, C, H, W] uint8 pixels or [N, L] int32 ids
  at::Tensor labels;       ///< [N] int64
  at::Tensor lengths;      ///< [N] int64; texts only
  at::Tensor mean, std;    ///< [C, 1, 1] of the pixels; undefined without normalisation
  int32_t largest_id = 0;  ///< texts only, kNnrunNoToken aside
};

/// One split, resident on the device as it is stored (pixels as bytes). Borrows the examples'
/// arrays, which have to outlive it.
class ResidentExamples {
 public:
  ResidentExamples(const Examples& examples, const BatchSpec& spec);

  int64_t size() const { return stored_.labels.size(0); }
  Batch batch(const Order& order, int64_t begin, int64_t count) const;

  /// With the CUDA half and texts: the occurrence lists of all batches in this order, in the memory
  /// of those before. Batches that begin at multiples of `batch_size` then have theirs.
  void list_tokens(Order& order, int64_t batch_size) const;

 private:
  Batch taken(const Order& order, int64_t begin, int64_t count) const;
  at::Tensor pixels_to_float(const at::Tensor& bytes) const;

  StoredExamples stored_;
  bool gathers_bags_;  // on the host
  Bags bags_;
  at::Device device_;
  const CudaHalf* half_;
};

}  // namespace nnrun
