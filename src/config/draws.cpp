#include <algorithm>
#include <cmath>

#include "config/sweep.h"
#include "nnrun/random.h"

namespace nnrun {
namespace {

int64_t grid_size(const std::vector<Axis>& axes) {
  int64_t size = 1;
  for (const Axis& axis : axes) {
    size =
        std::min(size * static_cast<int64_t>(axis.values.size()), kMostTrials * 2);  // no overflow
  }
  return size;
}

/// Integer of a range, u uniform in [0, 1).
int64_t drawn_integer(const Axis& axis, double u) {
  const uint64_t span = span_of(axis);
  const double offset = std::floor(u * (static_cast<double>(span) + 1));
  const bool fits = offset < static_cast<double>(span);  // a large span is rounded up as a double
  return integer_of(axis, fits ? static_cast<uint64_t>(offset) : span);
}

/// Value of another range, u uniform in [0, 1).
double drawn(const Axis& axis, double u) {
  switch (axis.distribution) {
    case Distribution::kQUniform: {
      const auto [first, last] = multiples_between(axis.min, axis.max, axis.q);
      const double step = std::round((axis.min + u * (axis.max - axis.min)) / axis.q);
      return multiple_of(axis.q, std::clamp(step, first, last));
    }
    case Distribution::kLogUniformValues:
      return std::exp(std::log(axis.min) + u * (std::log(axis.max) - std::log(axis.min)));
    default:
      return axis.min + u * (axis.max - axis.min);
  }
}

/// Trial, path and seed alone decide, so that a new axis leaves the others' values as they were.
JsonValue draw(const Axis& axis, int64_t seed, int64_t number) {
  const RandomStream random(static_cast<uint64_t>(seed), Purpose::kSweep, fnv1a(axis.name), 0,
                            static_cast<uint32_t>(number));
  if (!axis.values.empty()) return axis.values[random.below(0, axis.values.size())];
  JsonValue value;
  value.kind = JsonKind::kNumber;
  value.at = axis.at;
  const double u = random.uniform53(0);
  value.text = axis.distribution == Distribution::kIntUniform
                   ? std::to_string(drawn_integer(axis, u))
                   : number_text(drawn(axis, u));
  return value;
}

}  // namespace

int64_t trial_count(const SweepConfig& sweep, const std::vector<Axis>& axes) {
  const int64_t all =
      sweep.method == SweepMethod::kGrid ? grid_size(axes) : sweep.run_cap.value_or(0);
  return std::min({all, sweep.run_cap.value_or(all), kMostTrials + 1});
}

std::vector<JsonValue> trial_values(const SweepConfig& sweep, const std::vector<Axis>& axes,
                                    int64_t seed, int64_t number) {
  std::vector<JsonValue> values(axes.size());
  int64_t rest = number;
  for (size_t i = axes.size(); i-- > 0;) {
    if (sweep.method == SweepMethod::kRandom) {
      values[i] = draw(axes[i], seed, number);
    } else {
      const auto count = static_cast<int64_t>(axes[i].values.size());
      values[i] = axes[i].values[static_cast<size_t>(rest % count)];
      rest /= count;
    }
  }
  return values;
}

}  // namespace nnrun
