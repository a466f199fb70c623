#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace nnrun {

/// `value` in `size` bytes, little endian.
inline std::string little_endian(int64_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i & 255);
  return bytes;
}

/// A BMP of 24 bits whose bytes count up from 0 in file order: rows from the bottom (a negative
/// height: from the top), each B, G, R, … and filled up to 4 bytes.
inline std::string bmp_bytes(int32_t height, int32_t width, int compression = 0) {
  constexpr int kHeaders = 54;
  std::string rows((3 * std::abs(width) + 3) / 4 * 4 * std::abs(height), '\0');
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<char>(i);
  const auto size = static_cast<int64_t>(rows.size());
  return "BM" + little_endian(kHeaders + size, 4) + little_endian(0, 4) +
         little_endian(kHeaders, 4) + little_endian(40, 4) + little_endian(width, 4) +
         little_endian(height, 4) + little_endian(1, 2) + little_endian(24, 2) +
         little_endian(compression, 4) + little_endian(size, 4) + little_endian(0, 16) + rows;
}

}  // namespace nnrun
