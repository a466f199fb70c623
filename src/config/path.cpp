#include "config/path.h"

#include <algorithm>

#include "config/address.h"
#include "config/merge.h"
#include "nnrun/format.h"

namespace nnrun {
namespace {

class Assigner {
 public:
  Assigner(const std::vector<Assignment>& all, Report& report) : all_(all), report_(report) {}

  void apply(JsonValue& root, const Assignment& assignment) {
    JsonValue* value = &root;
    root_ = &root;
    const Path& path = assignment.path;
    for (size_t i = 0; i < path.size() && value != nullptr;) {
      if (value->is(JsonKind::kArray)) {
        value = enter_list(*value, assignment, i);
        ++i;
      } else {
        const size_t count = words_of_key(*value, path, i);
        value = enter_object(*value, assignment, i, count);
        i += count;
      }
    }
  }

 private:
  /// The item that word `i` names; nullptr when there is none or the path ends here.
  JsonValue* enter_list(JsonValue& list, const Assignment& assignment, size_t i) {
    const LayerSlot slot = find_item(list.items, assignment.path[i]);
    if (slot.list == nullptr) {
      unknown_item(list, assignment, i);
      return nullptr;
    }
    JsonValue* item = &(*slot.list)[slot.index];
    if (i + 1 < assignment.path.size()) return item;
    if (assignment.value.is(JsonKind::kNull)) {
      slot.list->erase(slot.list->begin() + static_cast<int64_t>(slot.index));
    } else {
      *item = assignment.value;
    }
    return nullptr;
  }

  void unknown_item(JsonValue& list, const Assignment& assignment, size_t i) {
    const std::vector<std::string> names = layer_names(list.items);
    const std::string& word = assignment.path[i];
    Path suggestion = assignment.path;
    std::vector<std::string> fitting = names;
    std::erase_if(fitting, [&](const std::string& name) {
      suggestion[i] = name;
      return !leads_on(list.items, suggestion, i);
    });
    const std::string near = suggestion[i] = nearest(word, fitting);
    const bool inserts = word.starts_with("after:") || word.starts_with("before:");
    const std::string expected = inserts ? "model.layers={\"" + word + "\": …} to insert one"
                                 : names.empty()
                                     ? "an index below " + std::to_string(list.items.size())
                                     : alternatives(names);
    report_.add(
        assignment.word_at[i],
        mismatch(names.empty() ? "no such entry" : "no such layer", in_quotes(word), expected),
        near.empty() || inserts ? "" : join_path(suggestion));
  }

  /// Whether the layer that word `i` names may have the key behind it.
  static bool leads_on(std::vector<JsonValue>& layers, const Path& path, size_t i) {
    const LayerSlot slot = find_layer(layers, path[i]);
    const Path own(path.begin(), path.begin() + static_cast<int64_t>(i) + 1);
    return i + 1 == path.size() || knows_key((*slot.list)[slot.index], own, path[i + 1]);
  }

  JsonValue* enter_object(JsonValue& object, const Assignment& assignment, size_t i, size_t count) {
    const Path& path = assignment.path;
    if (!object.is(JsonKind::kObject)) {  // never the root
      object = JsonValue{};
      object.kind = JsonKind::kObject;
      object.at = assignment.word_at[i - 1];
    }
    const auto begin = path.begin() + static_cast<int64_t>(i);
    const std::string key = join_path({begin, begin + static_cast<int64_t>(count)});
    const bool last = i + count == path.size();
    if (last && key == "type") change_type(object, assignment);
    JsonMember* member = object.find(key);
    if (member == nullptr) {
      object.members.push_back({key, assignment.word_at[i], {}});
      member = &object.members.back();
      member->value.at = assignment.word_at[i];
    }
    if (!last) return &member->value;
    member->key_at = assignment.word_at[i];
    if (patches_layers(member->value, assignment.value, path)) {
      patch_layers(member->value, assignment.value, path, report_);
    } else {
      member->value = assignment.value;
    }
    return nullptr;
  }

  void change_type(JsonValue& object, const Assignment& assignment) {
    const JsonMember* type = object.find("type");
    if (type == nullptr || canonical_json(type->value) == canonical_json(assignment.value)) return;
    Path parent = address_of(*root_, assignment.path);
    parent.pop_back();
    const std::vector<Path> assigned = addresses();
    const JsonValue before = object;
    drop_other_keys(object, parent, assignment.value.text);
    for (const JsonMember& member : before.members) {
      Path own = parent;
      own.push_back(member.key);
      const bool is_assigned = std::ranges::any_of(
          assigned, [&](const Path& address) { return is_within(address, own); });
      if (object.find(member.key) == nullptr && is_assigned) object.members.push_back(member);
    }
  }

  std::vector<Path> addresses() const {
    std::vector<Path> result;
    for (const Assignment& assignment : all_) result.push_back(address_of(*root_, assignment.path));
    return result;
  }

  const std::vector<Assignment>& all_;
  const JsonValue* root_ = nullptr;  ///< that is being changed
  Report& report_;
};

}  // namespace

Path split_path(std::string_view text) {
  Path path{""};
  for (const char byte : text) {
    if (byte == '.') {
      path.emplace_back();
    } else {
      path.back() += byte;
    }
  }
  return path;
}

std::string join_path(const Path& path) {
  std::string text;
  for (const std::string& word : path) text += (&word == path.data() ? "" : ".") + word;
  return text;
}

void assign(JsonValue& root, const std::vector<Assignment>& all, Report& report) {
  Assigner assigner(all, report);
  for (const Assignment& assignment : all) assigner.apply(root, assignment);
}

std::vector<std::string> pointers_of(const JsonValue& root, const Path& path,
                                     const Sources& sources) {
  std::vector<std::string> pointers;
  Path prefix;
  for (const std::string& word : path) {
    prefix.push_back(word);
    const JsonValue* value = find_path(root, prefix);
    pointers.push_back(value != nullptr
                           ? pointer_of(sources, value->at)
                           : join_pointer(pointers.empty() ? "" : pointers.back(), word));
  }
  return pointers;
}

}  // namespace nnrun
