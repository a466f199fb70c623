#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/path.h"
#include "config/source.h"
#include "config/sweep_fields.h"

/// From the sweep as written to its axes and trials.
namespace nnrun {

constexpr int64_t kMostTrials = 100000;

/// One swept path.
struct Axis {
  Path path, address;    ///< in the files, before options
  std::string name;      ///< as written
  bool is_sound = true;  ///< no problem was found
  JsonPlace key_at, at;
  Distribution distribution = Distribution::kCategorical;
  std::vector<JsonValue> values;  ///< finite axes
  double min = 0, max = 0, q = 1;
  int64_t first = 0, last = 0;  ///< the bounds of int_uniform, exact
};

/// The axes of `file`. Problems go to `report`; `files` is the config before any option, into which
/// the paths lead.
std::vector<Axis> sweep_axes(const SweepFile& file, const JsonValue& files, Report& report);

/// A value of the axis that needs no draw.
JsonValue first_value(const Axis& axis);

/// The checked sweep.
SweepConfig sweep_config(const SweepFile& file, const std::vector<Axis>& axes,
                         const Sources& sources);

/// As JSON; whole numbers as integers: 100000, not 1e+05.
std::string number_text(double value);

/// Steps from the first to the last integer of an int_uniform axis: 2^64-1 at most.
uint64_t span_of(const Axis& axis);

/// The integer `offset` steps behind the first one.
int64_t integer_of(const Axis& axis, uint64_t offset);

/// The counts of the first and last multiple of `q` from `min` to `max`; 0.7 is one of 0.1.
std::pair<double, double> multiples_between(double min, double max, double q);

/// `count` times `q` as a person writes it: 3 x 0.1 is 0.3, not 0.30000000000000004.
double multiple_of(double q, double count);

/// Number of trials without repeats; above kMostTrials: kMostTrials + 1.
int64_t trial_count(const SweepConfig& sweep, const std::vector<Axis>& axes);

/// The values of trial `number`, one per axis.
std::vector<JsonValue> trial_values(const SweepConfig& sweep, const std::vector<Axis>& axes,
                                    int64_t seed, int64_t number);

}  // namespace nnrun
