#pragma once

#include <string>
#include <vector>

#include "base/json.h"

/// Which keys an object with a `type` knows, and what becomes of the others when the type changes.
namespace nnrun {

/// Words from the root of the merged config: {"model", "layers", "3"}.
using Path = std::vector<std::string>;

/// Drops what `object` knows but an object of `type` does not.
void drop_other_keys(JsonValue& object, const Path& path, const std::string& type);

/// Whether the object at `path` may have `key`: one of an unknown type may have any.
bool knows_key(const JsonValue& object, const Path& path, const std::string& key);

}  // namespace nnrun
