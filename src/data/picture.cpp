#include "data/picture.h"

#include <dlfcn.h>

#include <filesystem>
#include <utility>

#include "data/bmp.h"
#include "data/jpeg.h"
#include "data/png.h"
#include "data/problems.h"
#include "images/plugin.h"
#include "nnrun/files.h"
#include "nnrun/format.h"
#include "nnrun/log.h"

namespace nnrun {
namespace {

/// A kind of picture file.
struct Format {
  std::string_view signature;
  Outline (*outline)(std::string_view bytes);
};
constexpr Format kFormats[] = {
    {kPngSignature, png_outline}, {kJpegSignature, jpeg_outline}, {kBmpSignature, bmp_outline}};

/// More than the decoders take.
std::string size_fault(const Outline& outline) {
  constexpr int64_t kMostSide = 1'000'000;           // libpng's
  constexpr int64_t kMostPixels = int64_t{1} << 30;  // OpenCV's
  const int64_t height = outline.height, width = outline.width;
  if (height <= kMostSide && width <= kMostSide && height * width <= kMostPixels) return "";
  return "the picture is too large (got " + grouped(height) + " x " + grouped(width) +
         " pixels, expected at most " + grouped(kMostSide) + " on a side and " +
         grouped(kMostPixels) + " in all)";
}

/// Why `bytes` are no picture that can be decoded, as far as that shows at a glance, or "". The
/// decoders fill up what is missing at the end.
std::string format_fault(std::string_view bytes) {
  for (const Format& format : kFormats) {
    if (!bytes.starts_with(format.signature)) continue;
    const Outline outline = format.outline(bytes);
    return outline.fault.empty() ? size_fault(outline) : outline.fault;
  }
  return "no picture (expected PNG, JPEG or BMP)";
}

/// Opens libnnrun_images.so beside the library that holds this function, with local symbols: the
/// BLAS that OpenCV drags in stays out of the sight of all others. It stays open. Null when it is
/// not there.
const ImagePlugin* open_plugin() {
  Dl_info here{};
  if (dladdr(reinterpret_cast<void*>(&has_image_reader), &here) == 0) return nullptr;
  const auto file = std::filesystem::path(here.dli_fname).parent_path() / "libnnrun_images.so";
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return nullptr;
  using Entry = const ImagePlugin* (*)();
  const auto entry = reinterpret_cast<Entry>(dlsym(library, kImagePluginEntry));
  return entry == nullptr ? nullptr : entry();
}

const ImagePlugin* image_plugin() {
  static const ImagePlugin* const plugin = open_plugin();
  return plugin;
}

}  // namespace

bool has_image_reader() { return image_plugin() != nullptr; }

Picture decode_picture(const std::string& file, std::string_view bytes, int64_t height,
                       int64_t width) {
  if (const std::string fault = format_fault(bytes); !fault.empty()) {
    throw DataError({at_file(file, fault)});
  }
  if (!has_image_reader()) {
    throw EnvironmentError({at_file(file,
                                    "pictures cannot be read: this build of nnrun has no OpenCV "
                                    "(install libopencv-dev and build again)")});
  }
  Decoded decoded = image_plugin()->decode(bytes, height, width);
  const std::string reason = escaped(decoded.reason);
  if (decoded.is_damaged) {
    const std::string more = reason.empty() ? "" : " (" + reason + ")";
    throw DataError({at_file(file, kDamagedPicture + more)});
  }
  if (!reason.empty()) log_advice(to_text(at_file(file, reason)));
  return std::move(decoded.picture);
}

Picture read_picture(const std::string& file, int64_t height, int64_t width) {
  return decode_picture(file, read_file(file), height, width);
}

std::string png_bytes(const Picture& picture) {
  const std::string encoded = has_image_reader() ? image_plugin()->encode_png(picture) : "";
  return encoded.empty() ? stored_png(picture) : encoded;
}

}  // namespace nnrun
