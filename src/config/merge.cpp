#include "config/merge.h"

#include <unordered_map>
#include <unordered_set>

#include "config/keys.h"

namespace nnrun {
namespace {

const std::string* text_of(const JsonValue& object, std::string_view key) {
  const JsonMember* member = object.find(key);
  return member != nullptr && member->value.is(JsonKind::kString) ? &member->value.text : nullptr;
}

/// `model.layers`, or `layers` of a residual in it: the one key whose list can be patched by an
/// object.
bool is_layer_list(const Path& path) {
  return path.size() > 1 && path[0] == "model" && path[1] == "layers" && path.back() == "layers";
}

class Merge {
 public:
  explicit Merge(Report& report, Path path = {}) : report_(report), path_(std::move(path)) {}

  void values(JsonValue& target, const JsonValue& patch) {
    if (patches_layers(target, patch, path_)) {
      layers(target, patch);
    } else if (patch.is(JsonKind::kObject)) {
      objects(target, patch);
    } else {
      target = patch;
    }
  }

 private:
  void objects(JsonValue& target, const JsonValue& patch) {
    if (!target.is(JsonKind::kObject)) target = JsonValue{};
    target.kind = JsonKind::kObject;
    target.at = patch.at;
    std::unordered_set<std::string> given, deleted;
    for (const JsonMember& member : target.members) given.insert(member.key);
    const std::string *before = text_of(target, "type"), *after = text_of(patch, "type");
    if (before != nullptr && after != nullptr && *before != *after)
      drop_other_keys(target, path_, *after);
    std::unordered_map<std::string, size_t> index;
    for (size_t i = 0; i < target.members.size(); ++i) index.emplace(target.members[i].key, i);
    for (const JsonMember& member : patch.members) {
      const auto [found, is_new] = index.try_emplace(member.key, target.members.size());
      if (is_new) target.members.push_back({member.key, member.key_at, {}});
      JsonMember& slot = target.members[found->second];
      slot.key_at = member.key_at;
      // A null that takes nothing away stays, for the reader to tell a key that there is not.
      if (member.value.is(JsonKind::kNull) && given.contains(member.key))
        deleted.insert(member.key);
      below(member.key, slot.value, member.value);
    }
    std::erase_if(target.members,
                  [&](const JsonMember& member) { return deleted.contains(member.key); });
  }

  void below(const std::string& key, JsonValue& target, const JsonValue& patch) {
    path_.push_back(key);
    values(target, patch);
    path_.pop_back();
  }

  using Layers = std::vector<JsonValue>;

  /// A patch of layers while it is laid over a list.
  struct LayerPatch {
    std::unordered_map<std::string, const JsonMember*> open;  ///< keys that met no layer yet
    std::unordered_set<std::string> names;                    ///< of the list as it was

    /// The member for `key`, which then is no longer open; nullptr: there is none.
    const JsonMember* take(const std::string& key) {
      const auto node = open.extract(key);
      return node.empty() ? nullptr : node.mapped();
    }
  };

  /// Names mean layers of the list as it was, else ones that the patch itself inserts: in whatever
  /// order its keys stand.
  void layers(JsonValue& target, const JsonValue& patch) {
    const std::vector<std::string> names = layer_names(target.items);
    LayerPatch changes{{}, {names.begin(), names.end()}};
    for (const JsonMember& member : patch.members) changes.open.emplace(member.key, &member);
    patch_list(target.items, changes, /*is_new=*/false);
    for (const JsonMember& member : patch.members)
      if (changes.open.contains(member.key)) unknown_layer(names, member);
  }

  void patch_list(Layers& list, LayerPatch& changes, bool is_new) {
    Layers result;
    for (JsonValue& layer : list) add_layer(std::move(layer), changes, is_new, result);
    list = std::move(result);
  }

  /// Adds a layer as the patch changes it, with what the patch inserts around and in it. `is_new`:
  /// it is inserted itself, so a name that the list has does not mean it.
  void add_layer(JsonValue layer, LayerPatch& changes, bool is_new, Layers& result) {
    const std::string* const own = text_of(layer, "name");
    const std::string name = own == nullptr ? "" : *own;
    const bool is_meant = own != nullptr && !(is_new && changes.names.contains(name));
    const auto take = [&](const std::string& key) {
      return is_meant ? changes.take(key) : nullptr;
    };
    const JsonMember *const before = take("before:" + name), *const change = take(name),
                            *const after = take("after:" + name);
    if (JsonMember* inner = layer.find("layers")) patch_list(inner->value.items, changes, is_new);
    insert(before, name, changes, result);
    if (change == nullptr || patch_layer(layer, name, change->value))
      result.push_back(std::move(layer));
    insert(after, name, changes, result);
  }

  /// False: the layer is removed.
  bool patch_layer(JsonValue& layer, const std::string& name, const JsonValue& change) {
    if (change.is(JsonKind::kNull)) return false;
    if (expect_object(change, "an object that patches the layer, or null"))
      below(name, layer, change);
    return true;
  }

  void insert(const JsonMember* member, const std::string& neighbour, LayerPatch& changes,
              Layers& result) {
    if (member == nullptr || !expect_object(member->value, "a layer")) return;
    JsonValue layer;
    below(neighbour, layer, member->value);
    add_layer(std::move(layer), changes, /*is_new=*/true, result);
  }

  bool expect_object(const JsonValue& value, const std::string& expected) {
    if (value.is(JsonKind::kObject)) return true;
    report_.add(value.at, mismatch("wrong type", got(value), expected));
    return false;
  }

  void unknown_layer(const std::vector<std::string>& names, const JsonMember& member) {
    const size_t colon = member.key.find(':');
    const std::string place = member.key.substr(0, colon);
    const bool inserts = colon != std::string::npos && (place == "after" || place == "before");
    const std::string prefix = inserts ? place + ":" : "";
    const std::string name = member.key.substr(prefix.size());
    const std::string near = nearest(name, names);
    report_.add(member.key_at, mismatch("no such layer", in_quotes(name), alternatives(names)),
                near.empty()
                    ? ""
                    : key_suggestion(report_.sources(), member.key_at, member.key, prefix + near));
  }

  Report& report_;
  Path path_;
};

}  // namespace

void merge_child(JsonValue& parent, const JsonValue& child, Report& report) {
  Merge(report).values(parent, child);
}

bool patches_layers(const JsonValue& list, const JsonValue& patch, const Path& path) {
  return list.is(JsonKind::kArray) && patch.is(JsonKind::kObject) && is_layer_list(path);
}

void patch_layers(JsonValue& list, const JsonValue& patch, const Path& path, Report& report) {
  Merge(report, path).values(list, patch);
}

LayerSlot find_layer(std::vector<JsonValue>& layers, std::string_view name) {
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::string* own = text_of(layers[i], "name");
    if (own != nullptr && *own == name) return {&layers, i, {std::to_string(i)}};
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    JsonMember* inner = layers[i].find("layers");
    if (inner == nullptr) continue;
    LayerSlot slot = find_layer(inner->value.items, name);
    if (slot.list == nullptr) continue;
    slot.address.insert(slot.address.begin(), {std::to_string(i), "layers"});
    return slot;
  }
  return {};
}

std::vector<std::string> layer_names(const std::vector<JsonValue>& layers) {
  std::vector<std::string> names;
  for (const JsonValue& layer : layers) {
    if (const std::string* name = text_of(layer, "name")) names.push_back(*name);
    if (const JsonMember* inner = layer.find("layers")) {
      for (std::string& name : layer_names(inner->value.items)) names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace nnrun
