#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/sha256_blocks.h"
#include "nnrun/files.h"

namespace nnrun {
namespace {

constexpr size_t kBlock = 64;  // bytes
constexpr std::array<uint32_t, 8> kInitial{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                           0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

uint32_t big_endian(const unsigned char* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | bytes[3];
}

/// The message schedule of one block (FIPS 180-4, section 6.2.2, step 1).
std::array<uint32_t, 64> schedule(const unsigned char* bytes) {
  std::array<uint32_t, 64> w;
  for (size_t t = 0; t < 16; ++t) w[t] = big_endian(bytes + 4 * t);
  for (size_t t = 16; t < 64; ++t) {
    const uint32_t s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
    const uint32_t s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
    w[t] = s1 + w[t - 7] + s0 + w[t - 16];
  }
  return w;
}

using BlocksFunction = void (*)(uint32_t* state, const unsigned char* bytes, size_t count);

BlocksFunction fastest_blocks() {
  return has_sha_instructions() ? sha256_blocks_x86 : sha256_blocks;
}

}  // namespace

void sha256_blocks(uint32_t* state, const unsigned char* bytes, size_t count) {
  for (; count > 0; --count, bytes += kBlock) {
    const std::array<uint32_t, 64> w = schedule(bytes);
    auto [a, b, c, d, e, f, g, h] =
        std::array{state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]};
    for (size_t t = 0; t < 64; ++t) {
      const uint32_t sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
      const uint32_t sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
      const uint32_t t1 = h + sum1 + ((e & f) ^ (~e & g)) + kSha256Constants[t] + w[t];
      const uint32_t t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    const std::array sum{a, b, c, d, e, f, g, h};
    for (size_t i = 0; i < sum.size(); ++i) state[i] += sum[i];
  }
}

Sha256::Sha256() { std::copy(kInitial.begin(), kInitial.end(), state_); }

void Sha256::blocks(const unsigned char* bytes, size_t count) {
  static const BlocksFunction function = fastest_blocks();
  function(state_, bytes, count);
}

void Sha256::add(std::string_view bytes) {
  const size_t held = length_ % kBlock;
  length_ += bytes.size();
  if (held > 0) {
    const size_t taken = std::min(kBlock - held, bytes.size());
    std::memcpy(buffer_ + held, bytes.data(), taken);
    bytes.remove_prefix(taken);
    if (held + taken < kBlock) return;
    blocks(buffer_, 1);
  }
  blocks(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size() / kBlock);
  const std::string_view rest = bytes.substr(bytes.size() / kBlock * kBlock);
  std::copy(rest.begin(), rest.end(), buffer_);
}

std::string Sha256::hex() {
  const uint64_t bits = length_ * 8;
  const size_t zeros = (2 * kBlock - 9 - length_ % kBlock) % kBlock;
  std::string padding = '\x80' + std::string(zeros, '\0');
  for (int shift = 56; shift >= 0; shift -= 8) padding += static_cast<char>(bits >> shift & 0xff);
  add(padding);
  std::string text;
  for (const uint32_t word : state_) {
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[word >> shift & 15];
  }
  return text;
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.hex();
}

}  // namespace nnrun
