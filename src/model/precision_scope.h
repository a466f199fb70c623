#pragma once

#include <ATen/autocast_mode.h>

#include "nnrun/config.h"

namespace nnrun {

/// While it lives, products and convolutions take their inputs as the precision says: with bf16 as
/// bfloat16, from weights that stay float32, as do sums, norms and the loss (LibTorch's autocast).
/// tf32 is a switch of the process (engine.cpp).
class PrecisionScope {
 public:
  PrecisionScope(Precision precision, at::Device device)
      : device_(device.type()), on_(precision == Precision::kBf16) {
    if (!on_) return;
    at::autocast::set_autocast_dtype(device_, at::kBFloat16);
    at::autocast::set_autocast_enabled(device_, true);
  }
  ~PrecisionScope() {
    if (!on_) return;
    at::autocast::clear_cache();  // of rounded weights, which the next update makes stale
    at::autocast::set_autocast_enabled(device_, false);
  }
  PrecisionScope(const PrecisionScope&) = delete;
  PrecisionScope& operator=(const PrecisionScope&) = delete;

 private:
  at::DeviceType device_;
  bool on_;
};

}  // namespace nnrun
