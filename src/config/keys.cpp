#include "config/keys.h"

#include <algorithm>
#include <optional>

#include "config/defaults.h"
#include "config/fields.h"

namespace nnrun {
namespace {

/// Visitor: the keys of one type.
struct KeyList {
  EnumSet type;
  std::vector<std::string> keys;

  template <typename M>
  void operator()(std::string_view key, const M&, const Rule& rule) {
    if ((rule.types & type) != 0) keys.emplace_back(key);
  }
  void ignored(std::string_view key, std::string_view) { keys.emplace_back(key); }
};

template <typename C>
std::optional<std::vector<std::string>> keys_of(const std::string& type) {
  C config;
  const auto value = value_of<decltype(config.type)>(type);
  if (!value) return std::nullopt;
  KeyList list{only(*value), {}};
  fields(list, config);
  return list.keys;
}

/// Keys of the object at `path` when its type is `type`; nullopt: no object with a type, or no such
/// type.
std::optional<std::vector<std::string>> keys_of_type(const Path& path, const std::string& type) {
  if (path == Path{"data"}) return keys_of<DataConfig>(type);
  if (path == Path{"optimizer"}) return keys_of<OptimizerConfig>(type);
  if (path == Path{"optimizer", "schedule"}) return keys_of<ScheduleConfig>(type);
  const bool in_layers = path.size() > 2 && path[0] == "model" && path[1] == "layers";
  return in_layers ? keys_of<LayerConfig>(type) : std::nullopt;
}

}  // namespace

void drop_other_keys(JsonValue& object, const Path& path, const std::string& type) {
  const auto keys = keys_of_type(path, type);
  if (!keys) return;
  std::erase_if(object.members, [&](const JsonMember& member) {
    return std::ranges::find(*keys, member.key) == keys->end();
  });
}

bool knows_key(const JsonValue& object, const Path& path, const std::string& key) {
  const JsonMember* type = object.find("type");
  const auto keys = keys_of_type(path, type == nullptr ? "" : type->value.text);
  return !keys || std::ranges::find(*keys, key) != keys->end();
}

}  // namespace nnrun
