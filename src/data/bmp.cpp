#include "data/bmp.h"

#include <cstdlib>

namespace nnrun {
namespace {

constexpr size_t kHeaders = 34;  // bytes of both headers up to the kind of compression
constexpr int64_t kOs2Header = 12, kPlain = 0, kBitFields = 3;

/// Little endian, of `size` bytes.
int64_t number_at(std::string_view bytes, size_t i, size_t size) {
  int64_t value = 0;
  for (size_t k = size; k-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i + k]);
  return value;
}

int64_t signed_at(std::string_view bytes, size_t i) {
  return static_cast<int32_t>(number_at(bytes, i, 4));
}

/// Height (negative: from the top), width, bits of a pixel, compression.
struct Header {
  int64_t height, width, bits, compression;
};

Header header_of(std::string_view bytes) {
  if (number_at(bytes, 14, 4) == kOs2Header)
    return {number_at(bytes, 20, 2), number_at(bytes, 18, 2), number_at(bytes, 24, 2), kPlain};
  return {signed_at(bytes, 22), signed_at(bytes, 18), number_at(bytes, 28, 2),
          number_at(bytes, 30, 4)};
}

}  // namespace

Outline bmp_outline(std::string_view bytes) {
  if (bytes.size() < kHeaders) return {kCutShort};
  const Header header = header_of(bytes);
  if (header.compression != kPlain && header.compression != kBitFields)
    return {"the picture is compressed (expected a BMP without compression)"};
  if (header.width <= 0 || header.height == 0 || header.bits == 0) return {kDamagedPicture};
  Outline outline{"", std::abs(header.height), header.width};
  const int64_t row = (header.width * header.bits + 31) / 32 * 4;  // bytes
  const int64_t rows = static_cast<int64_t>(bytes.size()) - number_at(bytes, 10, 4);
  if (rows / row < outline.height) outline.fault = kCutShort;
  return outline;
}

}  // namespace nnrun
