#pragma once

#include "nnrun/data.h"
#include "nnrun/random.h"

/// Data sets that need no download. They can be learned, and are drawn by `seed`: the same bytes on
/// every machine. Example i has label i mod `classes`.
namespace nnrun {

/// What the streams of random numbers are for.
enum class SyntheticPart : uint32_t { kPatterns = 0, kTrain = 1, kTest = 2 };

inline RandomStream synthetic_stream(int64_t seed, SyntheticPart part) {
  return {static_cast<uint64_t>(seed), Purpose::kSynthetic, static_cast<uint32_t>(part)};
}

/// Each class is a pattern of 4 x 4 bright and dark cells per channel, plus noise, close to normal,
/// of `noise` times the pattern's amplitude.
Dataset make_synthetic_images(const DataConfig& config, int64_t seed);

/// Texts of made-up words: some belong to one class alone, the others to all. Encoded as any text.
Dataset make_synthetic_text(const DataConfig& config, int64_t seed);

}  // namespace nnrun
