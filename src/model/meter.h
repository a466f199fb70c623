#pragma once

#include <torch/torch.h>

#include <vector>

#include "nnrun/engine.h"

namespace nnrun {

/// Sums loss and correct answers on the device; reading them waits for it.
///   Meter meter(device);
///   meter.add(loss, logits, labels);
///   meter.sums(/*examples=*/labels.size(0)).correct;
class Meter {
 public:
  explicit Meter(at::Device device);

  /// `loss`: mean over the batch. Summed in double precision.
  void add(const at::Tensor& loss, const at::Tensor& logits, const at::Tensor& labels);

  void clear();         ///< begins anew, in the same memory
  bool finite() const;  ///< every loss so far was
  Sums sums(int64_t examples) const;
  std::vector<at::Tensor> state() const { return {loss_, correct_}; }

 private:
  at::Tensor loss_, correct_;  // double, int64
};

}  // namespace nnrun
