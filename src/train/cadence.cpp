#include "train/cadence.h"

namespace nnrun {
namespace {

constexpr double kTimePerCost = 100;  // saving takes at most 1 % of the time
constexpr double kLongestGap = 60;    // seconds

}  // namespace

bool Cadence::due(int64_t epochs, double now, double epoch_seconds) const {
  if (every_) return epochs % *every_ == 0;
  const double since = now - saved_at_;
  return since >= kTimePerCost * cost_ || since + epoch_seconds > kLongestGap;
}

void Cadence::saved(double now, double cost_seconds) {
  saved_at_ = now;
  cost_ = cost_seconds;
}

}  // namespace nnrun
