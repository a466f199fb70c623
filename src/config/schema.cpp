#include "config/value_json.h"
#include "nnrun/config.h"

/// JSON Schema 2020-12 from the field lists. Each struct becomes one or two definitions: as it must
/// be in a whole file, and as it may be in a file that extends another ("…_patch": nothing
/// required, null deletes).
namespace nnrun {
namespace {

enum class Completeness { kWhole, kPatch };

constexpr std::string_view kLayerPattern = "[A-Za-z_][A-Za-z0-9_-]*";
constexpr std::string_view kSweptPath =
    "^(?!(name|sweep|extends|\\$schema)(\\.|$))[^.]+(\\.[^.]+)*$";
constexpr std::string_view kNamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";

// Names of the definitions.
constexpr std::string_view definition(const Limit&) { return "limit"; }
constexpr std::string_view definition(const Normalize&) { return "normalize"; }
constexpr std::string_view definition(const DataConfig&) { return "data"; }
constexpr std::string_view definition(const LayerConfig&) { return "layer"; }
constexpr std::string_view definition(const ModelConfig&) { return "model"; }
constexpr std::string_view definition(const ScheduleConfig&) { return "schedule"; }
constexpr std::string_view definition(const OptimizerConfig&) { return "optimizer"; }
constexpr std::string_view definition(const EarlyStoppingConfig&) { return "early_stopping"; }
constexpr std::string_view definition(const TrainingConfig&) { return "training"; }
constexpr std::string_view definition(const FeatureMapsConfig&) { return "feature_maps"; }
constexpr std::string_view definition(const OutputConfig&) { return "output"; }
constexpr std::string_view definition(const ExperimentConfig&) { return "experiment"; }
constexpr std::string_view definition(const ParameterFile&) { return "parameter"; }
constexpr std::string_view definition(const MetricFile&) { return "metric"; }
constexpr std::string_view definition(const HyperbandFile&) { return "early_terminate"; }
constexpr std::string_view definition(const SweepFile&) { return "sweep"; }

/// Rules between keys, as far as a schema can say them.
struct Extra {
  std::string_view definition;
  const char* rules;
};
constexpr Extra kExtras[] = {
    {"optimizer", R"({"not": {"anyOf": [
        {"required": ["clip_value", "clip_norm"],
         "properties": {"clip_value": {"type": "number"}, "clip_norm": {"type": "number"}}},
        {"required": ["clip_value", "global_clip_norm"],
         "properties": {"clip_value": {"type": "number"}, "global_clip_norm": {"type": "number"}}},
        {"required": ["clip_norm", "global_clip_norm"],
         "properties": {"clip_norm": {"type": "number"}, "global_clip_norm": {"type": "number"}}}]}})"},
    {"parameter", R"({"oneOf": [{"required": ["value"]}, {"required": ["values"]},
        {"required": ["min", "max"], "not": {"anyOf": [{"required": ["value"]}, {"required": ["values"]}]}}]})"},
    {"sweep", R"({"if": {"required": ["method"], "properties": {"method": {"const": "random"}}},
        "then": {"required": ["run_cap"], "properties": {"run_cap": {"type": "integer"}}}})"},
};

template <typename T>
constexpr bool kIsOptional = false;
template <typename T>
constexpr bool kIsOptional<std::optional<T>> = true;

Json any_of(const Json& a, const Json& b) { return a == b ? a : Json{{"anyOf", {a, b}}}; }
Json or_null(const Json& schema) { return any_of(schema, {{"type", "null"}}); }

Json number_schema(const Range& range, bool integer) {
  Json schema{{"type", integer ? "integer" : "number"}};
  const auto bound = [&](const char* closed, const char* open, double value, bool is_open) {
    if (std::abs(value) == kFinite.high) return;
    if (value > 9e18) {
      schema[closed] = std::numeric_limits<int64_t>::max();
    } else {
      schema[is_open ? open : closed] = value_json(value, {});
    }
  };
  bound("minimum", "exclusiveMinimum", range.low, range.low_open);
  bound("maximum", "exclusiveMaximum", range.high, range.high_open);
  return schema;
}

Json string_schema(Form form) {
  switch (form) {
    case Form::kName:
      return {{"type", "string"}, {"pattern", kNamePattern}};
    case Form::kLayerName:
      return {{"type", "string"}, {"pattern", "^" + std::string(kLayerPattern) + "$"}};
    case Form::kFile:
      return {{"type", "string"}, {"pattern", "^[^\\u0000]+$"}};
    case Form::kReference:
      return or_null(string_schema(Form::kFile));
    default:
      return {{"type", "string"}};
  }
}

class SchemaBuilder {
 public:
  Json build() {
    Json root{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "nnrun experiment"},
              {"description",
               "An experiment file of nnrun. Written by the program from its own field lists."},
              {"type", "object"},
              {"if", {{"required", {"extends"}}}},
              {"then", reference(ExperimentConfig{}, Completeness::kPatch)},
              {"else", reference(ExperimentConfig{}, Completeness::kWhole)}};
    root["$defs"] = definitions_;
    return root;
  }

  // One overload per C++ type of a member.
  Json value(const bool&, const Rule& rule, Completeness) {
    if (rule.form == Form::kSplit) return {{"enum", {"test", "train"}}};
    return {{"type", "boolean"}};
  }
  Json value(const int64_t&, const Rule& rule, Completeness) {
    return number_schema(rule.range, true);
  }
  Json value(const double&, const Rule& rule, Completeness) {
    return number_schema(rule.range, false);
  }
  Json value(const std::string&, const Rule& rule, Completeness) {
    return string_schema(rule.form);
  }
  Json value(const FeatureImage&, const Rule& rule, Completeness) {
    return any_of(number_schema(rule.range, true),
                  {{"type", "string"}, {"pattern", "^[^\\u0000]+#[0-9]+$"}});
  }
  Json value(const JsonValue&, const Rule& rule, Completeness) {
    return rule.form == Form::kNumber ? Json{{"type", "number"}} : Json::object();
  }
  Json value(const std::optional<JsonValue>&, const Rule& rule, Completeness completeness) {
    return value(JsonValue{}, rule, completeness);
  }
  Json value(const std::optional<std::vector<JsonValue>>&, const Rule&, Completeness) {
    return {{"type", "array"}, {"minItems", 1}, {"uniqueItems", true}};
  }
  Json value(const std::optional<SweepConfig>&, const Rule&, Completeness completeness) {
    return reference(SweepFile{}, completeness);
  }
  Json value(const std::vector<NamedParameter>&, const Rule&, Completeness completeness) {
    const bool is_whole = completeness == Completeness::kWhole;
    const Json parameter = reference(ParameterFile{}, completeness);
    Json schema{{"type", "object"},
                {"additionalProperties", is_whole ? parameter : or_null(parameter)}};
    schema["propertyNames"] = {{"pattern", kSweptPath}};
    if (is_whole) schema["minProperties"] = 1;
    return schema;
  }
  Json value(const std::vector<LayerConfig>&, const Rule&, Completeness completeness) {
    const Json layer = reference(LayerConfig{}, Completeness::kWhole);
    const Json list{{"type", "array"}, {"items", layer}, {"minItems", 1}};
    if (completeness == Completeness::kWhole) return list;
    const std::string name(kLayerPattern);
    const Json patches{
        {"type", "object"},
        {"patternProperties",
         {{"^(after|before):" + name + "$", layer},
          {"^" + name + "$", or_null(reference(LayerConfig{}, Completeness::kPatch))}}},
        {"additionalProperties", false}};
    return any_of(list, patches);
  }
  template <typename E>
  requires std::is_enum_v<E> Json value(const E&, const Rule& rule, Completeness) {
    return {{"enum", names_in<E>(rule.choices)}};
  }
  template <typename T>
  Json value(const std::optional<T>&, const Rule& rule, Completeness completeness) {
    const Json schema = value(T{}, rule, completeness);
    if (!rule.word.empty()) return any_of(schema, {{"const", rule.word}});
    return rule.nullable ? or_null(schema) : schema;
  }
  template <typename T>
  Json value(const std::vector<T>&, const Rule& rule, Completeness) {
    Json schema{{"type", "array"}, {"items", value(T{}, rule, Completeness::kWhole)}};
    if (rule.min_items > 0) schema["minItems"] = rule.min_items;
    return schema;
  }
  template <size_t N>
  Json value(const std::array<int64_t, N>&, const Rule& rule, Completeness) {
    const Json number = number_schema(rule.range, true);
    const Json list{{"type", "array"}, {"items", number}, {"minItems", N}, {"maxItems", N}};
    if (rule.form == Form::kSingle) return number;
    return rule.form == Form::kPair ? any_of(number, list) : list;
  }
  template <HasFields C>
  Json value(const C& config, const Rule&, Completeness completeness) {
    return reference(config, completeness);
  }

 private:
  /// Visitor: properties of one type of an object, or of all of them together.
  struct Properties {
    SchemaBuilder& builder;
    Completeness completeness;
    EnumSet types;
    Json properties = Json::object(), required = Json::array();

    template <typename M>
    void operator()(std::string_view key, const M& member, const Rule& rule) {
      if (rule.types != kEvery && (rule.types & types) == 0) return;
      const bool is_whole = completeness == Completeness::kWhole;
      Json schema = builder.value(member, rule, completeness);
      if (!is_whole) schema = or_null(schema);
      if (properties.contains(key)) schema = any_of(bare(properties[std::string(key)]), schema);
      schema["description"] = rule.help;
      if (is_whole && !rule.required && !rule.computed) add_default(schema, member, rule);
      properties[std::string(key)] = schema;
      if (is_whole && (rule.required || needs_keys(member))) required.push_back(key);
    }
    void ignored(std::string_view key, std::string_view help) {
      properties[std::string(key)] = {{"description", help}};
    }

   private:
    static Json bare(Json schema) {
      schema.erase("description");
      return schema;
    }
    template <typename M>
    static void add_default(Json& schema, const M& member, const Rule& rule) {
      if constexpr (kIsOptional<M>) {
        if (rule.nullable) schema["default"] = rule.word.empty() ? Json() : Json(rule.word);
      } else if constexpr (!HasFields<M> && !std::same_as<M, std::vector<NamedParameter>>) {
        schema["default"] = value_json(member, rule);
      }
    }
    /// A section without which the file lacks a required key.
    template <typename M>
    static bool needs_keys(const M&) {
      return std::same_as<M, DataConfig> || std::same_as<M, ModelConfig> ||
             std::same_as<M, OptimizerConfig>;
    }
  };

  template <typename C>
  Json reference(const C& config, Completeness completeness) {
    const bool is_whole = completeness == Completeness::kWhole;
    const std::string name = std::string(definition(config)) + (is_whole ? "" : "_patch");
    if (!definitions_.contains(name)) {
      definitions_[name] = Json();  // holds the place while the definition refers to itself
      Json schema = object(config, completeness);
      if (is_whole) add_extras(schema, definition(config));
      definitions_[name] = schema;
    }
    return {{"$ref", "#/$defs/" + name}};
  }

  template <typename C>
  Json object(const C& config, Completeness completeness) {
    if constexpr (Typed<C>) {
      if (completeness == Completeness::kWhole) return by_type<C>();
    }
    return closed(config, completeness, kEvery);
  }

  template <typename C>
  Json closed(const C& config, Completeness completeness, EnumSet types) {
    Properties visit{*this, completeness, types};
    fields(visit, config);
    if (std::same_as<C, ExperimentConfig> && completeness == Completeness::kPatch) {
      visit.properties["extends"] = {
          {"type", "string"}, {"minLength", 1}, {"description", "file to start from"}};
    }
    Json schema{
        {"type", "object"}, {"properties", visit.properties}, {"additionalProperties", false}};
    if (!visit.required.empty()) schema["required"] = visit.required;
    return schema;
  }

  template <typename C>
  Json by_type() {
    using Type = decltype(C::type);
    Json cases = Json::array();
    for (size_t i = 0; i < names<Type>().size(); ++i) {
      const C config = defaults_of(static_cast<Type>(i));
      const Json is_type{{"properties", {{"type", {{"const", names<Type>()[i]}}}}}};
      cases.push_back(
          {{"if", is_type}, {"then", closed(config, Completeness::kWhole, only(config.type))}});
    }
    return {{"type", "object"},
            {"required", {"type"}},
            {"properties", {{"type", {{"enum", names_in<Type>(kEvery)}}}}},
            {"allOf", cases}};
  }

  static void add_extras(Json& schema, std::string_view name) {
    for (const Extra& extra : kExtras) {
      if (extra.definition == name) schema.update(Json::parse(extra.rules));
    }
  }

  Json definitions_ = Json::object();
};

}  // namespace

std::string experiment_schema() { return pretty(SchemaBuilder().build()); }

}  // namespace nnrun
