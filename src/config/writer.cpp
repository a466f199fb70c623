#include "config/chain.h"
#include "config/value_json.h"
#include "nnrun/config.h"

namespace nnrun {
namespace {

Json parameter_json(const SweepParameter& parameter) {
  if (parameter.distribution == Distribution::kConstant) {
    return {{"value", Json::parse(parameter.values[0])}};
  }
  if (parameter.distribution == Distribution::kCategorical) {
    Json values = Json::array();
    for (const std::string& value : parameter.values) values.push_back(Json::parse(value));
    return {{"values", values}};
  }
  Json range{{"distribution", name_of(parameter.distribution)},
             {"min", value_json(parameter.min, {})},
             {"max", value_json(parameter.max, {})}};
  if (parameter.distribution == Distribution::kIntUniform) {  // exact beyond 2^53
    range["min"] = Json::parse(parameter.values[0]);
    range["max"] = Json::parse(parameter.values[1]);
  }
  if (parameter.distribution == Distribution::kQUniform) range["q"] = value_json(parameter.q, {});
  return range;
}

Json early_terminate_json(const HyperbandConfig& hyperband) {
  return {{"type", "hyperband"}, {"min_iter", hyperband.min_iter}, {"eta", hyperband.eta}};
}

/// On one line, with spaces behind commas and colons.
std::string flat(const Json& value) {
  if (!value.is_structured()) return value.dump();
  std::string text;
  for (const auto& [key, entry] : value.items()) {
    text += (text.empty() ? "" : ", ") + (value.is_object() ? Json(key).dump() + ": " : "") +
            flat(entry);
  }
  return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

void write(const Json& value, size_t indent, size_t column, std::string& out) {
  constexpr size_t kWidth = 100;
  const std::string line = flat(value);
  const bool is_root = indent == 0;
  if (!value.is_structured() || value.empty() || (!is_root && column + line.size() < kWidth)) {
    out += line;
    return;
  }
  const char* separator = "\n";
  out += value.is_object() ? "{" : "[";
  for (const auto& [key, entry] : value.items()) {
    out += std::exchange(separator, ",\n") + std::string(indent + 2, ' ');
    const std::string label = value.is_object() ? Json(key).dump() + ": " : "";
    out += label;
    write(entry, indent + 2, indent + 2 + label.size(), out);
  }
  out += "\n" + std::string(indent, ' ') + (value.is_object() ? "}" : "]");
}

}  // namespace

Json sweep_json(const SweepConfig& sweep) {
  Json parameters = Json::object();
  for (const SweepParameter& parameter : sweep.parameters) {
    parameters[parameter.path] = parameter_json(parameter);
  }
  return {{"method", name_of(sweep.method)},
          {"parameters", parameters},
          {"metric",
           {{"name", name_of(sweep.metric)}, {"goal", sweep.maximize ? "maximize" : "minimize"}}},
          {"run_cap", value_json(sweep.run_cap, {})},
          {"early_terminate",
           sweep.early_terminate ? early_terminate_json(*sweep.early_terminate) : Json()}};
}

std::string pretty(const Json& value) {
  std::string text;
  write(value, /*indent=*/0, /*column=*/0, text);
  return text + "\n";
}

/// On one line where the lines would make it larger than a config may be.
std::string resolved_text(const Json& json) {
  const std::string text = pretty(json);
  return text.size() <= kMostConfigBytes ? text : json.dump() + "\n";
}

std::string resolved_json(const ExperimentConfig& config) {
  return resolved_text(object_json(config));
}

}  // namespace nnrun
