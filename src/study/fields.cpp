#include "study/fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace nnrun {

using Json = nlohmann::ordered_json;

std::optional<std::string> text_at(const Fields& fields, const std::string& path) {
  const std::string below = path + ".";
  Json object;
  for (const auto& [key, value] : fields) {
    if (key == path) return value;
    if (!key.starts_with(below)) continue;
    std::string pointer = "/" + key.substr(below.size());
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    object[Json::json_pointer(pointer)] = Json::parse(value);
  }
  if (object.is_null()) return std::nullopt;
  return object.dump();
}

bool has_parts(const Json& value, const Json& wanted) {
  if (!value.is_object() || !wanted.is_object()) return value == wanted;
  const auto items = wanted.items();
  return std::all_of(items.begin(), items.end(), [&](const auto& part) {
    return value.contains(part.key()) && has_parts(value[part.key()], part.value());
  });
}

}  // namespace nnrun
