#include "data/jpeg.h"

namespace nnrun {
namespace {

constexpr int kEnd = 0xD9;

int at(std::string_view bytes, size_t i) { return static_cast<unsigned char>(bytes[i]); }

/// No marker (0: a byte FF of the image itself), or one that no segment follows: TEM, RST0 to RST7,
/// SOI.
bool stands_alone(int code) { return code <= 0x01 || (0xD0 <= code && code <= 0xD8); }

/// SOF0 to SOF15; among their codes are those of DHT, JPG and DAC.
bool is_frame(int code) {
  return 0xC0 <= code && code <= 0xCF && code != 0xC4 && code != 0xC8 && code != 0xCC;
}

/// `segment`: behind a frame's marker: length, precision, height, width, …
void read_size(std::string_view segment, Outline& outline) {
  if (segment.size() < 7) return;
  outline.height = at(segment, 3) << 8 | at(segment, 4);
  outline.width = at(segment, 5) << 8 | at(segment, 6);
}

}  // namespace

Outline jpeg_outline(std::string_view bytes) {
  Outline outline;
  for (size_t i = 0; i + 1 < bytes.size();) {
    const int code = at(bytes, i + 1);
    if (at(bytes, i) != 0xFF || code == 0xFF) {  // the image, or a fill byte
      ++i;
      continue;
    }
    i += 2;
    if (code == kEnd) return outline;
    if (stands_alone(code)) continue;
    if (i + 2 > bytes.size()) break;
    if (is_frame(code)) read_size(bytes.substr(i), outline);
    i += static_cast<size_t>(at(bytes, i) << 8 | at(bytes, i + 1));
  }
  outline.fault = kCutShort;
  return outline;
}

}  // namespace nnrun
