#pragma once

#include "base/json.h"
#include "config/path.h"
#include "config/source.h"

/// `extends`: a child file laid over its parent.
namespace nnrun {

/// RFC 7396 with one addition: where the parent has a list of layers and the child an object, the
/// object patches layers by name. A changed `type` drops the parent's keys that the new type does
/// not know. Objects take the child's place, so that a key it lacks is told there.
void merge_child(JsonValue& parent, const JsonValue& child, Report& report);

/// Whether `patch`, put at `path`, changes the list there by the names of its layers.
bool patches_layers(const JsonValue& list, const JsonValue& patch, const Path& path);

/// Lays `patch` over the list of layers at `path`.
void patch_layers(JsonValue& list, const JsonValue& patch, const Path& path, Report& report);

/// The layer called `name` in a list of layers or in a residual among them.
struct LayerSlot {
  std::vector<JsonValue>* list = nullptr;  ///< nullptr: there is none
  size_t index = 0;
  Path address = {};  ///< from the list that was searched: its index, or the way through residuals
};
LayerSlot find_layer(std::vector<JsonValue>& layers, std::string_view name);

/// Names of all layers, residuals' inner ones included.
std::vector<std::string> layer_names(const std::vector<JsonValue>& layers);

}  // namespace nnrun
