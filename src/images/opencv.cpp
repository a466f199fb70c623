#include <algorithm>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "images/caught_stderr.h"
#include "images/plugin.h"

namespace nnrun {
namespace {

/// The first line of `said` that tells of lost pixels, or "". All else that libpng and libjpeg say
/// is of no harm to the picture, such as an ill colour profile.
std::string damage_in(const std::string& said) {
  constexpr std::string_view kDamage[] = {"Corrupt JPEG data", "Premature end of JPEG file",
                                          "libpng error"};
  std::istringstream lines(said);
  for (std::string line; std::getline(lines, line);) {
    for (const std::string_view start : kDamage)
      if (line.starts_with(start)) return line;
  }
  return "";
}

/// Bytes between two parts of the image, which the decoder skips; many good pictures have some.
bool is_harmless(const std::string& damage) {
  return damage.find("extraneous bytes before marker") != std::string::npos;
}

Picture rgb_picture(cv::Mat image, int64_t height, int64_t width) {
  if (height > 0 && width > 0) {
    const cv::Size size(static_cast<int>(width), static_cast<int>(height));
    cv::resize(image, image, size, 0, 0, cv::INTER_AREA);
  }
  cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
  return {image.rows, image.cols, 3, {image.data, image.data + image.total() * image.elemSize()}};
}

Decoded decode(std::string_view bytes, int64_t height, int64_t width) try {
  const std::vector<uchar> encoded(bytes.begin(), bytes.end());
  CaughtStderr decoder;
  const cv::Mat image = cv::imdecode(encoded, cv::IMREAD_COLOR);
  const std::string damage = damage_in(decoder.said());
  const bool is_whole = damage.empty() || is_harmless(damage);
  if (image.empty() || !is_whole) return {{}, /*is_damaged=*/true, damage};
  return {rgb_picture(image, height, width), /*is_damaged=*/false, damage};
} catch (const cv::Exception& error) {
  if (error.code == cv::Error::StsNoMem) throw std::bad_alloc();
  return {{}, /*is_damaged=*/true, error.err};
}

std::string encode_png(const Picture& picture) try {
  cv::Mat image(static_cast<int>(picture.height), static_cast<int>(picture.width),
                CV_8UC(static_cast<int>(picture.channels)));
  std::copy(picture.pixels.begin(), picture.pixels.end(), image.data);
  if (picture.channels == 3) cv::cvtColor(image, image, cv::COLOR_RGB2BGR);
  std::vector<uchar> encoded;
  if (!cv::imencode(".png", image, encoded)) return "";
  return {encoded.begin(), encoded.end()};
} catch (const cv::Exception&) {
  return "";
}

}  // namespace
}  // namespace nnrun

extern "C" const nnrun::ImagePlugin* nnrun_image_plugin() {
  static const nnrun::ImagePlugin plugin{nnrun::decode, nnrun::encode_png};
  cv::setNumThreads(1);
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  return &plugin;
}
