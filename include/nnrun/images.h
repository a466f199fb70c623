#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// Pictures. Reading PNG/JPEG/BMP and writing PNG go through `libnnrun_images.so` (OpenCV), loaded on first use
/// with local symbols only: OpenCV's libraries drag in a BLAS that must never meet LibTorch's.
namespace nnrun {

struct Picture {
  int64_t height = 0, width = 0, channels = 3;  ///< channels: 1 grey, 3 RGB
  std::vector<uint8_t> pixels;                  ///< [height, width, channels]
};

/// Reads a PNG, JPEG or BMP as RGB, resized to height x width (area interpolation) when they are positive.
/// Throws DataError (no picture, cut short, damaged, too large), EnvironmentError (missing file; built without OpenCV).
Picture read_picture(const std::string& file, int64_t height = 0, int64_t width = 0);

/// PNG bytes of a picture.
std::string png_bytes(const Picture& picture);

/// True when libnnrun_images.so can be loaded.
bool has_image_reader();

}  // namespace nnrun
