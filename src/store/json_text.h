#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "store/damaged.h"

/// The small JSON files of a run directory.
namespace nnrun {

/// Two-space indented, members in the order given, final newline. Bytes that are no UTF-8 are
/// replaced.
inline std::string json_text(const nlohmann::ordered_json& value) {
  return value.dump(2, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace) +
         "\n";
}

/// What is wrong with JSON text, without the library's own "[json.exception.…] " before it.
inline std::string json_fault(const nlohmann::json::exception& error) {
  const std::string_view text = error.what();
  const size_t end = text.find("] ");
  return escaped(end == std::string_view::npos ? text : text.substr(end + 2));
}

/// `read(json)` for the JSON in `text`; whatever does not fit (syntax, a missing member, a wrong
/// type) is a StoreError at `file`.
template <typename Read>
auto read_json(std::string_view text, const std::string& file, Read read) {
  try {
    return read(nlohmann::json::parse(text));
  } catch (const nlohmann::json::exception& error) {
    damaged(file, json_fault(error));
  }
}

}  // namespace nnrun
