#include "config/resolved.h"

#include "config/address.h"
#include "config/trials.h"
#include "config/value_json.h"

namespace nnrun {
namespace {

/// Takes the keys of the object at `address` out that `root` does not set: all, or the one called
/// `only`.
void leave_out(Json& resolved, const JsonValue& root, const Path& address,
               std::string_view only = "") {
  const std::string pointer = pointer_to(address);
  const Json::json_pointer place(pointer);
  if (!resolved.contains(place)) return;
  Json kept = Json::object();
  for (const auto& [key, value] : resolved.at(place).items()) {
    const JsonValue* written = find_value(root, join_pointer(pointer, key));
    const bool is_default = written == nullptr || written->is(JsonKind::kNull);
    if (!is_default || (!only.empty() && key != only)) kept[key] = value;
  }
  resolved.at(place) = kept;
}

/// A type decides all defaults beside it, a pool's size its stride.
void leave_out_followers(Json& resolved, const JsonValue& root, Path swept) {
  const std::string key = swept.back();
  swept.pop_back();
  if (key == "type") leave_out(resolved, root, swept);
  if (key == "size") leave_out(resolved, root, swept, "stride");
}

}  // namespace

std::string resolved_json(const Experiment& experiment) {
  Json json = object_json(experiment.config);
  Report told_before(*experiment.tree->sources);
  const ConfigTree& tree = *experiment.tree;
  const TrialPlan plan = plan_trials(tree.merged(), *tree.files, told_before);
  const JsonValue root = parent_root(tree, plan, told_before);
  for (const Axis& axis : plan.axes) {
    const auto values = axis.values.empty() ? std::vector{first_value(axis)} : axis.values;
    for (const JsonValue& value : values) {
      for (const Path& swept : touched_addresses(root, axis.path, value))
        leave_out_followers(json, root, swept);
    }
  }
  return resolved_text(json);
}

}  // namespace nnrun
