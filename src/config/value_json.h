#pragma once

#include <cmath>
#include <nlohmann/json.hpp>

#include "config/defaults.h"
#include "config/fields.h"
#include "config/names.h"
#include "config/sweep_fields.h"

/// Config values as JSON, spelled as the reader takes them. Shared by writer and schema.
namespace nnrun {

using Json = nlohmann::ordered_json;

template <HasFields C>
Json object_json(const C& config);
Json sweep_json(const SweepConfig& sweep);

inline Json value_json(bool value, const Rule& rule) {
  return rule.form == Form::kSplit ? Json(value ? "test" : "train") : Json(value);
}

inline Json value_json(int64_t value, const Rule&) { return value; }

/// Whole numbers without a point: 128, not 128.0.
inline Json value_json(double value, const Rule&) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const bool is_whole = value == std::floor(value) && std::abs(value) < kExact;
  return is_whole ? Json(static_cast<int64_t>(value)) : Json(value);
}

inline Json value_json(const std::string& value, const Rule& rule) {
  return rule.form == Form::kReference && value.empty() ? Json() : Json(value);
}

inline Json value_json(const FeatureImage& image, const Rule&) {
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
  return object_json(config);
}

inline Json value_json(const SweepConfig& sweep, const Rule&) { return sweep_json(sweep); }

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
Json object_json(const C& config) {
  Json object = Json::object();
  FieldWriter visit{object, kEvery};
  if constexpr (Typed<C>) visit.type = only(config.type);
  fields(visit, config);
  return object;
}

/// Two spaces further in per level; what fits in 100 columns stays on one line. Final newline.
std::string pretty(const Json& value);

/// The text of a resolved config.
std::string resolved_text(const Json& json);

}  // namespace nnrun
