#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace nnrun {

/// nullopt <-> null.
template <typename T>
nlohmann::json to_optional_json(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

template <typename T>
std::optional<T> from_optional_json(const nlohmann::json& json) {
  return json.is_null() ? std::nullopt : std::optional<T>(json.get<T>());
}

}  // namespace nnrun
