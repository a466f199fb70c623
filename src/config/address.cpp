#include "config/address.h"

#include <algorithm>

#include "nnrun/format.h"

namespace nnrun {
namespace {

Path part(const Path& path, size_t first, size_t count) {
  const auto begin = path.begin() + static_cast<int64_t>(first);
  return {begin, begin + static_cast<int64_t>(count)};
}

Path joined(Path path, const std::string& word) {
  path.push_back(word);
  return path;
}

/// The steps that `path` makes from `value` on at word `first`; of how many words they are made.
std::pair<Path, size_t> next_steps(const JsonValue* value, const Path& path, size_t first) {
  if (value != nullptr && value->is(JsonKind::kArray)) {
    auto& items = const_cast<std::vector<JsonValue>&>(value->items);  // only looked at
    const LayerSlot slot = find_item(items, path[first]);
    if (slot.list != nullptr) return {slot.address, 1};
  } else if (value != nullptr) {
    const size_t count = words_of_key(*value, path, first);
    return {{join_path(part(path, first, count))}, count};
  }
  return {{path[first]}, 1};
}

/// A change of a layer's type may drop any of its keys.
void add_layer(const JsonValue& root, const Path& path, const JsonValue& patch,
               std::vector<Path>& result) {
  if (!patch.is(JsonKind::kObject) || patch.find("type") != nullptr)
    result.push_back(address_of(root, path));
  for (const JsonMember& member : patch.members) {
    const auto inner = touched_addresses(root, joined(path, member.key), member.value);
    result.insert(result.end(), inner.begin(), inner.end());
  }
}

}  // namespace

size_t words_of_key(const JsonValue& object, const Path& path, size_t first) {
  for (size_t count = path.size() - first; count > 1; --count) {
    if (object.find(join_path(part(path, first, count))) != nullptr) return count;
  }
  return 1;
}

LayerSlot find_item(std::vector<JsonValue>& items, const std::string& word) {
  LayerSlot layer = find_layer(items, word);
  if (layer.list != nullptr) return layer;
  const std::optional<int64_t> index = parse_int(word);
  if (!index || *index < 0 || *index >= std::ssize(items)) return {};
  return {&items, static_cast<size_t>(*index), {std::to_string(*index)}};
}

Path address_of(const JsonValue& root, const Path& path) {
  Path address;
  const JsonValue* value = &root;  // null: the words lead nowhere
  for (size_t i = 0; i < path.size();) {
    const auto [steps, words] = next_steps(value, path, i);
    for (const std::string& step : steps) {
      if (value != nullptr) value = find_value(*value, pointer_to({step}));
      address.push_back(step);
    }
    i += words;
  }
  return address;
}

const JsonValue* find_path(const JsonValue& root, const Path& path) {
  return find_value(root, pointer_to(address_of(root, path)));
}

std::vector<Path> touched_addresses(const JsonValue& root, const Path& path,
                                    const JsonValue& value) {
  const Path address = address_of(root, path);
  const JsonValue* list = find_value(root, pointer_to(address));
  if (list == nullptr || !patches_layers(*list, value, address)) return {address};
  std::vector<Path> result;
  for (const JsonMember& member : value.members) {
    const bool inserts = member.key.starts_with("after:") || member.key.starts_with("before:");
    if (!inserts) add_layer(root, joined(path, member.key), member.value, result);
  }
  return result;
}

bool is_within(const Path& inner, const Path& outer) {
  return inner.size() >= outer.size() && std::equal(outer.begin(), outer.end(), inner.begin());
}

bool overlap(const Path& a, const Path& b) { return is_within(a, b) || is_within(b, a); }

std::string pointer_to(const Path& address) {
  std::string pointer;
  for (const std::string& word : address) pointer = join_pointer(pointer, word);
  return pointer;
}

}  // namespace nnrun
