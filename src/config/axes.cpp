#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unordered_map>

#include "config/address.h"
#include "config/sweep.h"
#include "nnrun/format.h"

namespace nnrun {
namespace {

/// Paths that belong to the file, not to a trial.
constexpr std::string_view kNotSwept[] = {"name", "sweep", "extends", "$schema"};

bool is_continuous(Distribution distribution) {
  return distribution == Distribution::kUniform || distribution == Distribution::kLogUniformValues;
}

JsonValue number_at(JsonPlace place, const std::string& text) {
  JsonValue result;
  result.kind = JsonKind::kNumber;
  result.at = place;
  result.text = text;
  return result;
}

/// In a grid any number that is one, for a continuous range has no place there; in draws only what
/// is written so: 1.0 may begin a continuous range.
bool is_integer(const JsonValue& value, SweepMethod method) {
  return method == SweepMethod::kGrid ? exact_integer(value.text).has_value()
                                      : value.text.find_first_of(".eE") == std::string::npos;
}

/// Turns one parameter into an axis.
class AxisReader {
 public:
  AxisReader(const NamedParameter& parameter, SweepMethod method, Report& report)
      : file_(parameter.file), method_(method), report_(report) {
    axis_.name = parameter.path;
    axis_.path = split_path(parameter.path);
    axis_.key_at = parameter.key_at;
    axis_.at = parameter.at;
  }

  Axis read() {
    const size_t problems = report_.size();
    path();
    const int forms =
        (file_.value ? 1 : 0) + (file_.values ? 1 : 0) + (file_.min || file_.max ? 1 : 0);
    if (forms != 1) {
      report_.add(axis_.at,
                  forms == 0
                      ? "no values (expected \"values\", \"value\", or \"min\" and \"max\")"
                      : "too many keys (expected \"values\", \"value\", or \"min\" and \"max\")");
    } else if (file_.value) {
      constant();
    } else if (file_.values) {
      categorical();
    } else {
      range();
    }
    axis_.is_sound = report_.size() == problems;
    return axis_;
  }

 private:
  void path() {
    const bool is_malformed =
        std::ranges::find(axis_.path, "") != axis_.path.end() || axis_.path.size() > kJsonLevels;
    if (is_malformed) {
      report_.add(axis_.key_at,
                  mismatch("malformed path", in_quotes(axis_.name), "keys joined by points"));
    } else if (std::ranges::find(kNotSwept, axis_.path[0]) != std::end(kNotSwept)) {
      report_.add(axis_.key_at, in_quotes(axis_.path[0]) + " cannot be swept");
    }
  }

  void expect_distribution(Distribution expected) {
    axis_.distribution = expected;
    if (file_.distribution && *file_.distribution != expected) {
      report_.add(axis_.at, mismatch("values and distribution do not fit",
                                     in_quotes(std::string(name_of(*file_.distribution))),
                                     in_quotes(std::string(name_of(expected)))));
    }
    if (file_.q) report_.add(axis_.at, "\"q\" belongs to distribution \"q_uniform\"");
  }

  void constant() {
    expect_distribution(Distribution::kConstant);
    axis_.values = {*file_.value};
  }

  void categorical() {
    expect_distribution(Distribution::kCategorical);
    axis_.values = *file_.values;
    std::unordered_map<std::string, size_t> seen;
    for (size_t i = 0; i < axis_.values.size(); ++i) {
      const auto [first, is_new] = seen.try_emplace(canonical_json(axis_.values[i]), i);
      if (is_new) continue;
      report_.add(axis_.values[i].at, "equal values (got " + got(axis_.values[i]) +
                                          ", also entry " + std::to_string(first->second) + ")");
    }
  }

  void range() {
    for (const auto& [key, value] : {std::pair{"min", &file_.min}, std::pair{"max", &file_.max}}) {
      if (!*value) report_.add_missing(axis_.at, {key});
    }
    if (!file_.min || !file_.max || !is_finite(*file_.min) || !is_finite(*file_.max)) return;
    axis_.min = to_double(file_.min->text);
    axis_.max = to_double(file_.max->text);
    axis_.q = file_.q.value_or(1);
    const bool integers = is_integer(*file_.min, method_) && is_integer(*file_.max, method_);
    axis_.distribution =
        file_.distribution.value_or(integers ? Distribution::kIntUniform : Distribution::kUniform);
    if (axis_.min > axis_.max) {
      report_.add(file_.max->at,
                  mismatch("max below min", got(*file_.max), "at least " + got(*file_.min)));
    } else {
      bounds();
    }
  }

  bool is_finite(const JsonValue& value) {
    const bool finite = value.is(JsonKind::kNumber) && std::isfinite(to_double(value.text));
    if (value.is(JsonKind::kNumber) && !finite)
      report_.add(value.at, mismatch("out of range", got(value), "a finite number"));
    return finite;
  }

  void bounds() {
    using enum Distribution;
    if (axis_.distribution == kConstant || axis_.distribution == kCategorical) {
      report_.add(
          axis_.at,
          mismatch("values and distribution do not fit",
                   in_quotes(std::string(name_of(axis_.distribution))),
                   "\"uniform\", \"int_uniform\", \"q_uniform\" or \"log_uniform_values\""));
    } else if (axis_.distribution == kLogUniformValues && axis_.min <= 0) {
      report_.add(file_.min->at, mismatch("out of range", got(*file_.min), "a number above 0"));
    } else if (method_ == SweepMethod::kGrid && is_continuous(axis_.distribution)) {
      report_.add(axis_.at, "a continuous range in a grid (expected \"values\" or integers)");
    } else if (file_.q && axis_.distribution != kQUniform) {
      report_.add(axis_.at, "\"q\" belongs to distribution \"q_uniform\"");
    } else if (axis_.distribution == kIntUniform) {
      integer_bounds();
    } else if (axis_.distribution == kQUniform) {
      multiples();
    }
  }

  void integer_bounds() {
    bool exact = true;
    for (const auto& [bound, value] :
         {std::pair{&*file_.min, &axis_.first}, std::pair{&*file_.max, &axis_.last}}) {
      const std::optional<int64_t> integer = exact_integer(bound->text);
      exact &= integer.has_value();
      *value = integer.value_or(0);
      if (!integer) report_.add(bound->at, mismatch("not an integer", got(*bound), "an integer"));
    }
    if (exact && method_ == SweepMethod::kGrid) integers();
  }

  /// All integers from min to max.
  void integers() {
    const uint64_t span = span_of(axis_);
    if (!has_room(static_cast<double>(span))) return;
    for (uint64_t i = 0; i <= span; ++i)
      axis_.values.push_back(number_at(axis_.at, std::to_string(integer_of(axis_, i))));
  }

  void multiples() {
    const auto [first, last] = multiples_between(axis_.min, axis_.max, axis_.q);
    if (last < first) {
      report_.add(axis_.at, "no value (no multiple of q between min and max)");
    } else if (method_ == SweepMethod::kGrid && has_room(last - first)) {
      steps(first, static_cast<int64_t>(last - first) + 1);
    }
  }

  /// `count` multiples of q from the `first` one on.
  void steps(double first, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      const double value = multiple_of(axis_.q, first + static_cast<double>(i));
      const JsonValue number = number_at(axis_.at, number_text(value));
      const bool is_new = axis_.values.empty() || axis_.values.back().text != number.text;
      if (is_new) axis_.values.push_back(number);  // beyond 2^53 neighbours are one double
    }
  }

  /// Whether the range, `steps` of them long, may stand for all its values.
  bool has_room(double steps) {
    axis_.distribution = Distribution::kCategorical;
    if (steps < static_cast<double>(kMostTrials)) return true;
    report_.add(axis_.at, "too many values (expected at most " + grouped(kMostTrials) + ")");
    return false;
  }

  const ParameterFile& file_;
  SweepMethod method_;
  Report& report_;
  Axis axis_;
};

/// A resolved sweep may lie anywhere, so it names weights by their absolute path.
JsonValue with_absolute_paths(const Path& path, JsonValue value, const Sources& sources) {
  JsonMember* const member = path == Path{"model"} ? value.find("init_from") : nullptr;
  JsonValue* const weights = path == Path{"model", "init_from"} ? &value
                             : member != nullptr                ? &member->value
                                                                : nullptr;
  if (weights != nullptr && weights->is(JsonKind::kString))
    weights->text = absolute_path(sources, *weights);
  return value;
}

}  // namespace

std::pair<double, double> multiples_between(double min, double max, double q) {
  constexpr double kRounding = 1e-9;
  return {std::ceil(min / q - kRounding), std::floor(max / q + kRounding)};
}

std::string number_text(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const bool is_whole = value == std::floor(value) && std::abs(value) < kExact;
  return is_whole ? std::to_string(static_cast<int64_t>(value)) : shortest(value);
}

uint64_t span_of(const Axis& axis) {
  return static_cast<uint64_t>(axis.last) - static_cast<uint64_t>(axis.first);
}

int64_t integer_of(const Axis& axis, uint64_t offset) {
  return static_cast<int64_t>(static_cast<uint64_t>(axis.first) + offset);
}

double multiple_of(double q, double count) {
  if (count == 0) return 0;  // never -0
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", q * count);
  return parse_double(text).value_or(q * count);
}

std::vector<Axis> sweep_axes(const SweepFile& file, const JsonValue& files, Report& report) {
  std::vector<Axis> axes;
  for (const NamedParameter& parameter : file.parameters) {
    Axis axis = AxisReader(parameter, file.method, report).read();
    axis.address = address_of(files, axis.path);
    const auto twin = std::ranges::find_if(
        axes, [&](const Axis& other) { return overlap(axis.address, other.address); });
    if (twin != axes.end())
      report.add(axis.key_at, "swept twice (also as " + in_quotes(twin->name) + ")");
    axes.push_back(std::move(axis));
  }
  return axes;
}

JsonValue first_value(const Axis& axis) {
  if (!axis.values.empty()) return axis.values[0];
  const bool is_integer = axis.distribution == Distribution::kIntUniform;
  return number_at(axis.at, is_integer ? std::to_string(axis.first) : number_text(axis.min));
}

SweepConfig sweep_config(const SweepFile& file, const std::vector<Axis>& axes,
                         const Sources& sources) {
  SweepConfig sweep;
  sweep.method = file.method;
  sweep.metric = file.metric.name;
  const bool is_accuracy =
      sweep.metric == Metric::kAccuracy || sweep.metric == Metric::kValAccuracy;
  sweep.maximize = file.metric.goal ? *file.metric.goal == Goal::kMaximize : is_accuracy;
  sweep.run_cap = file.run_cap;
  if (file.early_terminate) {
    sweep.early_terminate =
        HyperbandConfig{file.early_terminate->min_iter, file.early_terminate->eta};
  }
  for (const Axis& axis : axes) {
    SweepParameter parameter{axis.name, {}, axis.distribution, axis.min, axis.max, axis.q};
    for (const JsonValue& value : axis.values)
      parameter.values.push_back(json_text(with_absolute_paths(axis.path, value, sources)));
    if (axis.distribution == Distribution::kIntUniform)
      parameter.values = {std::to_string(axis.first), std::to_string(axis.last)};
    sweep.parameters.push_back(std::move(parameter));
  }
  return sweep;
}

}  // namespace nnrun
