#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

/// Texts that carry their own SHA-256: one atomic write keeps content and hash together, and a copy
/// of the file can be checked anywhere. The hash is taken over the text with its 64 digits as
/// zeros.
namespace nnrun {

inline constexpr size_t kSealDigits = 64;

/// The hash of `text` with the 64 digits at `at` read as zeros.
std::string seal_of(std::string_view text, size_t at);

/// True when the 64 digits at `at` are the seal of `text`.
bool seal_holds(std::string_view text, size_t at);

/// The JSON text of `object` with a last member "sha256", its seal.
std::string sealed_json(nlohmann::ordered_json object);

/// Throws StoreError at `file` when `text` is not as `sealed_json` made it.
void check_sealed_json(std::string_view text, const std::string& file);

}  // namespace nnrun
