#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace nnrun {

/// What a stream of random numbers is for. Part of the key, so streams never overlap.
/// The values are part of the reproducibility promise: never renumber.
enum class Purpose : uint32_t { kWeights = 1, kShuffle = 2, kDropout = 3, kValidationSplit = 4, kSynthetic = 5, kSweep = 6, kStatistics = 7 };

/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): four 32-bit
/// words as a pure function of key and counter; no state, the same on CPU and GPU.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

/// Numbers keyed by (seed, purpose, stream, epoch, step) and indexed by element; draw order does not matter.
///   RandomStream random(seed, Purpose::kDropout, layer, epoch, step);
///   bool keep = random.uniform(i) >= rate;
/// Key: words 0 and 1 of philox({purpose, stream, 0, 0}, {seed low, seed high}).
/// Counter of block b: {b low, b high, step, epoch}, where low and high are the 32-bit halves.
class RandomStream {
 public:
  RandomStream(uint64_t seed, Purpose purpose, uint32_t stream = 0, uint32_t epoch = 0, uint32_t step = 0);

  uint32_t word(uint64_t element) const;   ///< 32 random bits: word element % 4 of block element / 4
  float uniform(uint64_t element) const;   ///< word >> 8, times 2^-24: [0, 1) on a grid of 2^-24
  double uniform53(uint64_t element) const;  ///< [0, 1), top 53 bits of half element % 2 of block element / 2
  double normal(uint64_t element) const;   ///< standard normal, Box-Muller in double on block `element`
  uint64_t below(uint64_t element, uint64_t bound) const;  ///< [0, bound): (half as in uniform53 * bound) >> 64

  std::array<uint32_t, 2> key() const { return key_; }
  uint32_t epoch() const { return epoch_; }
  uint32_t step() const { return step_; }

 private:
  std::array<uint32_t, 4> block(uint64_t index) const;

  std::array<uint32_t, 2> key_;
  uint32_t epoch_, step_;
};

/// A permutation of 0 … n-1 (Fisher-Yates from the end with `below`).
std::vector<int64_t> permutation(int64_t n, const RandomStream& random);

/// FNV-1a, 32 bit: the stream number of a layer is the hash of its name.
uint32_t fnv1a(std::string_view bytes);

}  // namespace nnrun
