#include <algorithm>
#include <cmath>

#include "data/image_dataset.h"
#include "data/synthetic.h"

namespace nnrun {
namespace {

constexpr int64_t kCells = 4;  // per side of the pattern
constexpr double kGrey = 128, kAmplitude = 48;

/// The noise-free image of each class, [classes, C, H, W].
std::vector<double> make_patterns(const DataConfig& config, int64_t seed) {
  const RandomStream random = synthetic_stream(seed, SyntheticPart::kPatterns);
  const auto [channels, height, width] = config.shape;
  std::vector<double> patterns;
  patterns.reserve(static_cast<size_t>(config.classes * channels * height * width));
  for (int64_t plane = 0; plane < config.classes * channels; ++plane) {
    for (int64_t h = 0; h < height; ++h) {
      for (int64_t w = 0; w < width; ++w) {
        const int64_t cell = (plane * kCells + h * kCells / height) * kCells + w * kCells / width;
        const bool bright = random.word(static_cast<uint64_t>(cell)) >> 31 != 0;
        patterns.push_back(kGrey + (bright ? kAmplitude : -kAmplitude));
      }
    }
  }
  return patterns;
}

/// Mean 0, deviation 1, close to normal: the sum of the four bytes of a word (mean 4 * 127.5,
/// variance 4 * (256^2 - 1) / 12).
double noise_of(uint32_t word) {
  const uint32_t sum = (word & 255) + (word >> 8 & 255) + (word >> 16 & 255) + (word >> 24);
  return (static_cast<double>(sum) - 510) / std::sqrt(21845.0);
}

Examples make_split(const DataConfig& config, int64_t count, const std::vector<double>& patterns,
                    const RandomStream& random) {
  const size_t size = patterns.size() / static_cast<size_t>(config.classes);
  Examples examples;
  examples.pixels.reserve(static_cast<size_t>(count) * size);
  for (int64_t n = 0; n < count; ++n) {
    const int64_t label = n % config.classes;
    examples.labels.push_back(static_cast<int32_t>(label));
    for (size_t k = 0; k < size; ++k) {
      const uint32_t word = random.word(static_cast<uint64_t>(n) * size + k);
      const double value = patterns[static_cast<size_t>(label) * size + k] +
                           kAmplitude * config.noise * noise_of(word);
      examples.pixels.push_back(static_cast<uint8_t>(std::clamp(std::round(value), 0.0, 255.0)));
    }
  }
  return examples;
}

}  // namespace

Dataset make_synthetic_images(const DataConfig& config, int64_t seed) {
  const std::vector<double> patterns = make_patterns(config, seed);
  ImageSplits splits;
  splits.train =
      make_split(config, config.train, patterns, synthetic_stream(seed, SyntheticPart::kTrain));
  splits.test =
      make_split(config, config.test, patterns, synthetic_stream(seed, SyntheticPart::kTest));
  splits.shape = config.shape;
  splits.classes = config.classes;
  return image_dataset(config, std::move(splits), seed);
}

}  // namespace nnrun
