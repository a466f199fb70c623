#pragma once

#include <cstdint>
#include <optional>

namespace nnrun {

/// When to save between the epochs: every N of them, or ("auto") as often as saving costs at most 1
/// % of the time, and at least once a minute as far as the length of an epoch allows.
///   if (cadence.due(epochs, now, epoch_seconds)) { save(); cadence.saved(clock(), cost); }
class Cadence {
 public:
  Cadence(std::optional<int64_t> every, double now) : every_(every), saved_at_(now) {}

  /// `epochs` done so far, the last of which took `epoch_seconds`.
  bool due(int64_t epochs, double now, double epoch_seconds) const;
  void saved(double now, double cost_seconds);

 private:
  std::optional<int64_t> every_;
  double saved_at_;
  double cost_ = 0;  // of the last save, seconds
};

}  // namespace nnrun
