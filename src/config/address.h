#pragma once

#include <vector>

#include "base/json.h"
#include "config/merge.h"
#include "config/path.h"

/// Where paths lead in a config: the same place has one address, however its path is spelled.
namespace nnrun {

/// `path` with keys that contain points as one word, and layers by index, the residuals around them
/// included: model.layers.C2.filters -> model, layers, 1, layers, 0, filters. Words that lead
/// nowhere stay as they are.
Path address_of(const JsonValue& root, const Path& path);

/// Where an existing value stands; nullptr: there is none.
const JsonValue* find_path(const JsonValue& root, const Path& path);

/// The addresses that `value`, put at `path`, changes: its own, or of a patch of layers the keys of
/// these layers.
std::vector<Path> touched_addresses(const JsonValue& root, const Path& path,
                                    const JsonValue& value);

/// Whether the address `inner` is `outer` or lies in it.
bool is_within(const Path& inner, const Path& outer);

/// One address lies in the other.
bool overlap(const Path& a, const Path& b);

/// "/model/layers/1/filters"
std::string pointer_to(const Path& address);

/// How many of the words from `first` on make one key of `object`: keys with dots are found as a
/// whole.
size_t words_of_key(const JsonValue& object, const Path& path, size_t first);

/// The item that `word` names: a layer, or an index.
LayerSlot find_item(std::vector<JsonValue>& items, const std::string& word);

}  // namespace nnrun
