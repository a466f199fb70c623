#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "config/keys.h"
#include "config/source.h"

/// PATH=VALUE: one value of the merged config set by `--set`, a dedicated option or a sweep.
namespace nnrun {

/// "model.layers.C1.filters" <-> its words.
Path split_path(std::string_view text);
std::string join_path(const Path& path);

/// One value for one path. A word names a key, a layer, or an index into a list.
struct Assignment {
  Path path;
  std::vector<JsonPlace> word_at;  ///< of each word, for keys that come into being
  JsonValue value;                 ///< null: the default (a layer: removed)
};

/// Applies `all` in order to the merged config. A changed `type` drops keys that the new type does
/// not know, but none that another assignment sets. Unknown layers and indices are reported.
void assign(JsonValue& root, const std::vector<Assignment>& all, Report& report);

/// The pointer of each word as it stands in the files, before the assignment is applied.
std::vector<std::string> pointers_of(const JsonValue& root, const Path& path,
                                     const Sources& sources);

}  // namespace nnrun
