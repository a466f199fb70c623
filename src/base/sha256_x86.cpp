#include "base/sha256_blocks.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

namespace nnrun {

bool has_sha_instructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (b >> 29 & 1) == 0) return false;
  return __builtin_cpu_supports("sse4.1") != 0 && __builtin_cpu_supports("ssse3") != 0;
}

namespace {

/// Message words 4q to 4q + 3 from the sixteen before them, held as four vectors.
__attribute__((target("sha,sse4.1"))) __m128i next_words(__m128i w0, __m128i w1, __m128i w2,
                                                         __m128i w3) {
  const __m128i partial = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
  return _mm_sha256msg2_epu32(partial, w3);
}

/// Adds one block. The SHA instructions keep the state as the vectors ABEF and CDGH.
__attribute__((target("sha,sse4.1"))) void add_block(__m128i* abef, __m128i* cdgh,
                                                     const unsigned char* bytes) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i words[16];
  __m128i s0 = *abef, s1 = *cdgh;
#pragma GCC unroll 16
  for (int q = 0; q < 16; ++q) {
    words[q] = q < 4 ? _mm_shuffle_epi8(
                           _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes) + q), big_endian)
                     : next_words(words[q - 4], words[q - 3], words[q - 2], words[q - 1]);
    const __m128i keyed = _mm_add_epi32(
        words[q], _mm_loadu_si128(reinterpret_cast<const __m128i*>(kSha256Constants.data()) + q));
    s1 = _mm_sha256rnds2_epu32(s1, s0, keyed);
    s0 = _mm_sha256rnds2_epu32(s0, s1, _mm_shuffle_epi32(keyed, 0x0e));
  }
  *abef = _mm_add_epi32(*abef, s0);
  *cdgh = _mm_add_epi32(*cdgh, s1);
}

}  // namespace

__attribute__((target("sha,sse4.1"))) void sha256_blocks_x86(uint32_t* state,
                                                             const unsigned char* bytes,
                                                             size_t count) {
  const auto int_of = [](uint32_t word) { return static_cast<int>(word); };
  __m128i abef =
      _mm_set_epi32(int_of(state[0]), int_of(state[1]), int_of(state[4]), int_of(state[5]));
  __m128i cdgh =
      _mm_set_epi32(int_of(state[2]), int_of(state[3]), int_of(state[6]), int_of(state[7]));
  for (; count > 0; --count, bytes += 64) add_block(&abef, &cdgh, bytes);
  std::array<uint32_t, 8> lanes;  // F E B A, H G D C
  _mm_storeu_si128(reinterpret_cast<__m128i*>(lanes.data()), abef);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(lanes.data()) + 1, cdgh);
  constexpr std::array<size_t, 8> kPlace{5, 4, 1, 0, 7, 6, 3, 2};
  for (size_t i = 0; i < lanes.size(); ++i) state[kPlace[i]] = lanes[i];
}

}  // namespace nnrun

#else

namespace nnrun {

bool has_sha_instructions() { return false; }

void sha256_blocks_x86(uint32_t* state, const unsigned char* bytes, size_t count) {
  sha256_blocks(state, bytes, count);
}

}  // namespace nnrun

#endif
