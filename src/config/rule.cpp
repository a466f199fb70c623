#include "config/rule.h"

#include "nnrun/format.h"

namespace nnrun {
namespace {

std::string describe_integers(const Range& range) {
  const double low = range.low + (range.low_open ? 1 : 0);
  const std::string high = range.high > kLargest ? "9223372036854775807" : shortest(range.high);
  return "an integer from " + shortest(low) + " to " + high;
}

}  // namespace

std::string describe(const Range& range, bool integer) {
  if (integer) return describe_integers(range);
  if (range.high == kFinite.high) return "a finite number";
  const std::string low = shortest(range.low), high = shortest(range.high);
  if (!range.low_open && !range.high_open) return "a number from " + low + " to " + high;
  return "a number " + (range.low_open ? "above " + low : "from " + low) + " and " +
         (range.high_open ? "below " : "at most ") + high;
}

}  // namespace nnrun
