#include <cmath>
#include <nlohmann/json.hpp>

#include "config/defaults.h"
#include "config/fields.h"
#include "config/names.h"
#include "config/sweep_fields.h"
#include "nnrun/config.h"

namespace nnrun {
namespace {

using Json = nlohmann::ordered_json;

template <HasFields C>
Json json_of(const C& config);

Json value_json(bool value, const Rule& rule) {
  return rule.form == Form::kSplit ? Json(value ? "test" : "train") : Json(value);
}

Json value_json(int64_t value, const Rule&) { return value; }

/// Whole numbers without a point: 128, not 128.0.
Json value_json(double value, const Rule&) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const bool is_whole = value == std::floor(value) && std::abs(value) < kExact;
  return is_whole ? Json(static_cast<int64_t>(value)) : Json(value);
}

Json value_json(const std::string& value, const Rule& rule) {
  return rule.form == Form::kReference && value.empty() ? Json() : Json(value);
}

Json value_json(const FeatureImage& image, const Rule&) {
  return image.file.empty() ? Json(image.index)
                            : Json(image.file + "#" + std::to_string(image.index));
}

template <typename E>
requires std::is_enum_v<E> Json value_json(E value, const Rule&) {
  return names<E>()[static_cast<size_t>(value)];
}

template <size_t N>
Json value_json(const std::array<int64_t, N>& value, const Rule& rule) {
  return rule.form == Form::kSingle ? Json(value[0]) : Json(value);
}

template <HasFields C>
Json value_json(const C& config, const Rule&) {
  return json_of(config);
}

Json value_json(const SweepConfig& sweep, const Rule& rule);

template <typename T>
Json value_json(const std::vector<T>& values, const Rule& rule) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(value_json(value, rule));
  return list;
}

template <typename T>
Json value_json(const std::optional<T>& value, const Rule& rule) {
  if (value) return value_json(*value, rule);
  return rule.word.empty() ? Json() : Json(rule.word);
}

/// Visitor: writes the keys that apply to the object's type.
struct FieldWriter {
  Json& object;
  EnumSet type;

  template <typename M>
  void operator()(std::string_view key, const M& member, const Rule& rule) {
    const bool applies = rule.types == kEvery || (rule.types & type) != 0;
    if (applies) object[std::string(key)] = value_json(member, rule);
  }
  /// A sweep that is not there has no spelling.
  void operator()(std::string_view key, const std::optional<SweepConfig>& sweep, const Rule& rule) {
    if (sweep) object[std::string(key)] = value_json(*sweep, rule);
  }
  void ignored(std::string_view, std::string_view) {}
};

template <HasFields C>
Json json_of(const C& config) {
  Json object = Json::object();
  FieldWriter visit{object, kEvery};
  if constexpr (Typed<C>) visit.type = only(config.type);
  fields(visit, config);
  return object;
}

Json parameter_json(const SweepParameter& parameter) {
  if (parameter.distribution == Distribution::kConstant)
    return {{"value", Json::parse(parameter.values[0])}};
  if (parameter.distribution == Distribution::kCategorical) {
    Json values = Json::array();
    for (const std::string& value : parameter.values) values.push_back(Json::parse(value));
    return {{"values", values}};
  }
  Json range{{"distribution", name_of(parameter.distribution)},
             {"min", value_json(parameter.min, {})},
             {"max", value_json(parameter.max, {})}};
  if (parameter.distribution == Distribution::kQUniform) range["q"] = value_json(parameter.q, {});
  return range;
}

Json value_json(const SweepConfig& sweep, const Rule&) {
  Json parameters = Json::object();
  for (const SweepParameter& parameter : sweep.parameters)
    parameters[parameter.path] = parameter_json(parameter);
  Json result{
      {"method", name_of(sweep.method)},
      {"parameters", parameters},
      {"metric",
       {{"name", name_of(sweep.metric)}, {"goal", sweep.maximize ? "maximize" : "minimize"}}},
      {"run_cap", value_json(sweep.run_cap, {})},
      {"early_terminate", Json()}};
  if (sweep.early_terminate) {
    const HyperbandConfig& hyperband = *sweep.early_terminate;
    result["early_terminate"] = {
        {"type", "hyperband"}, {"min_iter", hyperband.min_iter}, {"eta", hyperband.eta}};
  }
  return result;
}

}  // namespace

std::string resolved_json(const ExperimentConfig& config) { return json_of(config).dump(2) + "\n"; }

}  // namespace nnrun
