#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// A resolved config as (path, JSON text) of its leaves, and the parts of it that lie between.
namespace nnrun {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// The JSON text at `path`: a leaf, or the object of all leaves below it; nullopt where nothing is.
std::optional<std::string> text_at(const Fields& fields, const std::string& path);

/// Whether `value` is `wanted`; of an object, whether it has what `wanted` names.
bool has_parts(const nlohmann::ordered_json& value, const nlohmann::ordered_json& wanted);

}  // namespace nnrun
