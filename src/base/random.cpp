#include "nnrun/random.h"

#include <cmath>
#include <numbers>
#include <numeric>

namespace nnrun {
namespace {

constexpr int kRounds = 10;
constexpr uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;

uint32_t low(uint64_t value) { return static_cast<uint32_t>(value); }
uint32_t high(uint64_t value) { return static_cast<uint32_t>(value >> 32); }

using Block = std::array<uint32_t, 4>;

/// Words 2h and 2h + 1 of a block as one number, the first one on top.
uint64_t half(const Block& block, size_t h) {
  return uint64_t{block[2 * h]} << 32 | block[2 * h + 1];
}

double unit_interval(uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

}  // namespace

Block philox(Block counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t product0 = uint64_t{kMultiplier0} * counter[0];
    const uint64_t product1 = uint64_t{kMultiplier1} * counter[2];
    counter = {high(product1) ^ counter[1] ^ key[0], low(product1),
               high(product0) ^ counter[3] ^ key[1], low(product0)};
    key = {key[0] + kWeyl0, key[1] + kWeyl1};
  }
  return counter;
}

RandomStream::RandomStream(uint64_t seed, Purpose purpose, uint32_t stream, uint32_t epoch,
                           uint32_t step)
    : epoch_(epoch), step_(step) {
  const Block mixed =
      philox({static_cast<uint32_t>(purpose), stream, 0, 0}, {low(seed), high(seed)});
  key_ = {mixed[0], mixed[1]};
}

Block RandomStream::block(uint64_t index) const {
  return philox({low(index), high(index), step_, epoch_}, key_);
}

uint32_t RandomStream::word(uint64_t element) const { return block(element / 4)[element % 4]; }

float RandomStream::uniform(uint64_t element) const {
  return static_cast<float>(word(element) >> 8) * 0x1p-24F;
}

double RandomStream::uniform53(uint64_t element) const {
  return unit_interval(half(block(element / 2), element % 2));
}

double RandomStream::normal(uint64_t element) const {
  const Block bits = block(element);
  const double radius = std::sqrt(-2 * std::log1p(-unit_interval(half(bits, 0))));
  return radius * std::cos(2 * std::numbers::pi * unit_interval(half(bits, 1)));
}

uint64_t RandomStream::below(uint64_t element, uint64_t bound) const {
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>((Wide{half(block(element / 2), element % 2)} * bound) >> 64);
}

std::vector<int64_t> permutation(int64_t n, const RandomStream& random) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), int64_t{0});
  for (size_t i = order.size(); i-- > 1;) std::swap(order[i], order[random.below(i, i + 1)]);
  return order;
}

uint32_t fnv1a(std::string_view bytes) {
  uint32_t hash = 2166136261U;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619U;
  return hash;
}

}  // namespace nnrun
