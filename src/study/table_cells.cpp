#include "study/table_cells.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "nnrun/format.h"

namespace nnrun {

std::string readable(double value) {
  char text[32];
  const double size = std::abs(value);
  const char* format = size >= 1e6                 ? "%.4g"
                       : size >= 100               ? "%.1f"
                       : size != 0 && size < 0.001 ? "%.3g"
                                                   : "%.4f";
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string as_written(const std::string& json) {
  const auto value = nlohmann::json::parse(json);
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : json;
}

std::string readable_number(const std::string& json) {
  const auto value = nlohmann::json::parse(json);
  if (value.is_number_integer()) return grouped(value.get<int64_t>());
  return value.is_number_float() ? readable(value.get<double>()) : as_written(json);
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string readable_p(double p) {
  char text[32];
  std::snprintf(text, sizeof text, p < 0.001 ? "%.1g" : "%.3f", p);
  return text;
}

std::string readable_seconds(const std::string& json) {
  const auto value = nlohmann::json::parse(json);
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value.is_number() ? value.get<double>() : 0);
  return value.is_number() ? text : "";
}

std::string short_name(const std::string& path) {
  const std::string prefix = "model.layers.";
  return path.starts_with(prefix) ? path.substr(prefix.size()) : path;
}

std::string spread(const MeanEstimate& estimate) {
  if (!std::isfinite(estimate.mean)) return "";
  return readable(estimate.mean) + (estimate.sd ? " ± " + readable(*estimate.sd) : "");
}

std::string bounds(const std::optional<Interval>& interval) {
  if (!interval) return "";
  return "[" + readable(interval->low) + ", " + readable(interval->high) + "]";
}

}  // namespace nnrun
