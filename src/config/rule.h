#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "config/names.h"

/// What a key of the experiment file may hold, beyond the C++ type of its member.
namespace nnrun {

/// Bounds of a number. For integers an open end is one step further in.
struct Range {
  double low = 0, high = 0;
  bool low_open = false, high_open = false;

  bool holds(double value) const {
    return (low_open ? value > low : value >= low) && (high_open ? value < high : value <= high);
  }
};

constexpr double kLargest = 2147483647;  // 2^31 - 1
constexpr Range kPositive{0, kLargest, /*low_open=*/true};
constexpr Range kNonNegative{0, kLargest};
constexpr Range kSeeds{0, 9223372036854775807.0};
constexpr Range kUnit{0, 1};                   ///< both ends included
constexpr Range kBelowOne{0, 1, false, true};  ///< 0 included
constexpr Range kBetween{0, 1, true, true};    ///< neither end included
constexpr Range kFinite{std::numeric_limits<double>::lowest(), std::numeric_limits<double>::max()};

/// How a member is spelled where its type leaves a choice.
enum class Form {
  kPlain,
  kPair,       ///< two numbers, or one that stands for both
  kSingle,     ///< one number, kept in element 0 of a pair
  kFile,       ///< a path: not empty, no NUL
  kReference,  ///< a path relative to the file that names it, or null
  kName,       ///< a run's name
  kLayerName,
  kSplit,   ///< a bool spelled "test" (true) or "train"
  kNumber,  ///< any JSON number, kept as written
};

/// One row of a field list (src/config/fields.h). Members that do not apply keep their defaults.
struct Rule {
  EnumSet types = kEvery;  ///< the `type`s of the object that know the key
  bool required = false;
  Range range = kPositive;   ///< numbers, also inside lists
  EnumSet choices = kEvery;  ///< enums: the members allowed here
  Form form = Form::kPlain;
  size_t min_items = 0;        ///< lists
  std::string_view word = {};  ///< an optional's spelling of "no value" instead of null
  bool computed = false;       ///< the default follows from other keys or from the file's name
  bool nullable = true;        ///< optionals: "no value" can be written
  std::string_view help;
};

/// "an integer from 1 to 2147483647", "a number above 0 and below 1"
std::string describe(const Range& range, bool integer);

}  // namespace nnrun
