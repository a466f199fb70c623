#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nnrun {

/// Shortest decimal that reads back as the same double; `nan`, `inf`, `-inf`.
std::string shortest(double value);

/// The inverse of `shortest`; the whole text must be used, else nullopt. Locale-free.
std::optional<double> parse_double(std::string_view text);

/// Decimal integer, optional minus sign, nothing else around it.
std::optional<int64_t> parse_int(std::string_view text);

/// 1234567 -> "1,234,567".
std::string grouped(int64_t value);

/// "1 epoch", "1,000 epochs"; `noun` takes an s.
std::string counted(int64_t count, const std::string& noun);

/// 12.3 s -> "12.3 s"; 4000 s -> "1 h 7 min". For people, not for files.
std::string duration(double seconds);

/// The time now in UTC: "2026-05-01T12:34:56.789Z" (ISO 8601).
std::string utc_now();

}  // namespace nnrun
