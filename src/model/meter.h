#pragma once

#include <torch/torch.h>

#include <vector>

#include "nnrun/engine.h"

namespace nnrun {

/// Sums loss and correct answers, on the device as far as they arise there; reading them waits for
/// it.
///   Meter meter(device);
///   meter.add(loss, logits, labels);
///   meter.sums(/*examples=*/labels.size(0)).correct;
class Meter {
 public:
  explicit Meter(at::Device device);

  /// `loss`: mean over the batch. Summed in double precision; a total that float32 cannot hold
  /// counts as infinite, as in Keras.
  void add(const at::Tensor& loss, const at::Tensor& logits, const at::Tensor& labels);
  /// What the host knows of a batch already: the sum of its losses.
  void add(double loss_sum, int64_t correct);

  /// [] float64 and [] int64, for a kernel that adds a batch itself.
  const at::Tensor& loss_cell() const { return loss_; }
  const at::Tensor& correct_cell() const { return correct_; }

  void clear();         ///< begins anew, in the same memory
  bool finite() const;  ///< every loss so far was
  Sums sums(int64_t examples) const;
  std::vector<at::Tensor> state() const { return {loss_, correct_}; }

 private:
  double total() const;

  at::Tensor loss_, correct_;  // double, int64
  double host_loss_ = 0;
  int64_t host_correct_ = 0;
};

}  // namespace nnrun
