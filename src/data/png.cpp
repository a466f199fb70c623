#include "data/png.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace nnrun {
namespace {

constexpr size_t kBlock = 65535;  // bytes of a stored block

std::string big_endian(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 255);
  return bytes;
}

uint32_t from_big_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t n = 0; n < 256; ++n) {
    table[n] = n;
    for (int bit = 0; bit < 8; ++bit) table[n] = table[n] >> 1 ^ (table[n] & 1 ? 0xEDB88320 : 0);
  }
  return table;
}

uint32_t crc32(std::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = make_crc_table();
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes)
    crc = kTable[(crc ^ static_cast<unsigned char>(byte)) & 255] ^ crc >> 8;
  return ~crc;
}

uint32_t adler32(std::string_view bytes) {
  uint32_t a = 1, b = 0;
  for (const char byte : bytes) {
    a = (a + static_cast<unsigned char>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

std::string chunk(const std::string& type, const std::string& data) {
  return big_endian(static_cast<uint32_t>(data.size())) + type + data +
         big_endian(crc32(type + data));
}

/// `bytes` as a zlib stream of stored blocks.
std::string zlib_stored(std::string_view bytes) {
  std::string stream = "\x78\x01";
  const std::string check = big_endian(adler32(bytes));
  do {
    const std::string_view block = bytes.substr(0, kBlock);
    bytes.remove_prefix(block.size());
    stream += bytes.empty() ? '\1' : '\0';
    const auto size = static_cast<uint32_t>(block.size());
    for (const uint32_t value : {size, ~size}) {
      stream += static_cast<char>(value & 255);
      stream += static_cast<char>(value >> 8 & 255);
    }
    stream += block;
  } while (!bytes.empty());
  return stream + check;
}

/// The rows, each behind a filter byte 0.
std::string unfiltered_rows(const Picture& picture) {
  const auto size = static_cast<size_t>(picture.width * picture.channels);
  std::string rows;
  for (size_t h = 0; h < static_cast<size_t>(picture.height); ++h) {
    rows += '\0';
    rows.append(reinterpret_cast<const char*>(picture.pixels.data()) + h * size, size);
  }
  return rows;
}

}  // namespace

std::string stored_png(const Picture& picture) {
  constexpr char kDepth = 8, kGrey = 0, kRgb = 2;
  const std::string header = big_endian(static_cast<uint32_t>(picture.width)) +
                             big_endian(static_cast<uint32_t>(picture.height)) + kDepth +
                             (picture.channels == 1 ? kGrey : kRgb) + std::string(3, '\0');
  return std::string(kPngSignature) + chunk("IHDR", header) +
         chunk("IDAT", zlib_stored(unfiltered_rows(picture))) + chunk("IEND", "");
}

Outline png_outline(std::string_view bytes) {
  constexpr size_t kAround = 12;  // bytes of a chunk beside its data: length, type, check sum
  constexpr size_t kSizes = 8;    // bytes of width and height, with which the header begins
  Outline outline;
  bytes.remove_prefix(kPngSignature.size());
  const auto with = [&outline](const char* fault) {
    outline.fault = fault;
    return outline;
  };
  while (true) {
    if (bytes.size() < kAround) return with(kCutShort);
    const size_t size = from_big_endian(bytes);
    if (bytes.size() - kAround < size) return with(kCutShort);
    const std::string_view content = bytes.substr(4, 4 + size);
    if (from_big_endian(bytes.substr(8 + size)) != crc32(content)) return with(kDamagedPicture);
    if (content.starts_with("IHDR") && size >= kSizes) {
      outline.width = from_big_endian(content.substr(4));
      outline.height = from_big_endian(content.substr(8));
    }
    if (content.starts_with("IEND")) return outline;
    bytes.remove_prefix(kAround + size);
  }
}

}  // namespace nnrun
