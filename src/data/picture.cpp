#include "data/picture.h"

#include <dlfcn.h>

#include <filesystem>

#include "data/png.h"
#include "data/problems.h"
#include "images/plugin.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

constexpr std::string_view kJpegStart = "\xFF\xD8\xFF", kJpegEnd = "\xFF\xD9";

/// What tells at a glance that `bytes` are no whole PNG or JPEG file, or "". The decoders fill up
/// what is missing at the end.
std::string format_fault(std::string_view bytes) {
  if (bytes.starts_with(kPngSignature)) return png_fault(bytes);
  if (!bytes.starts_with(kJpegStart)) return "no picture (expected PNG or JPEG)";
  return bytes.rfind(kJpegEnd) == std::string_view::npos ? "the picture is cut short" : "";
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
  Picture picture = image_plugin()->decode(bytes, height, width);
  if (picture.pixels.empty()) throw DataError({at_file(file, "the picture is damaged")});
  return picture;
}

Picture read_picture(const std::string& file, int64_t height, int64_t width) {
  return decode_picture(file, read_file(file), height, width);
}

std::string png_bytes(const Picture& picture) {
  const std::string encoded = has_image_reader() ? image_plugin()->encode_png(picture) : "";
  return encoded.empty() ? stored_png(picture) : encoded;
}

}  // namespace nnrun
