#include "model/dropout_mask.h"

#include <algorithm>
#include <cmath>

namespace nnrun {
namespace {

constexpr int64_t kWords = 4;  // of one Philox block

/// uniform(i) = (word >> 8) * 2^-24 >= rate, as a test of integers.
uint32_t threshold_of(double rate) {
  return static_cast<uint32_t>(std::ceil(std::ldexp(rate, 24)));
}

}  // namespace

void fill_dropout_mask(const RandomStream& random, double rate, int64_t begin, int64_t end,
                       float* mask) {
  const auto kept = static_cast<float>(1 / (1 - rate));
  const uint32_t threshold = threshold_of(rate);
  for (int64_t block = begin / kWords; block * kWords < end; ++block) {
    const auto index = static_cast<uint64_t>(block);
    const auto words = philox({static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32),
                               random.step(), random.epoch()},
                              random.key());
    const int64_t first = std::max(begin, block * kWords),
                  last = std::min(end, (block + 1) * kWords);
    for (int64_t i = first; i < last; ++i) {
      const uint32_t word = words[static_cast<size_t>(i - block * kWords)];
      mask[i] = (word >> 8) >= threshold ? kept : 0.0F;
    }
  }
}

}  // namespace nnrun
