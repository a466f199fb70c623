#pragma once

#include "model/kernels/cuda/dropout.h"
#include "model/kernels/cuda/host_device.h"

namespace nnrun {

struct Words {
  uint32_t w[4];
};

/// Philox4x32-10, as nnrun::philox.
NNRUN_HD inline Words philox_words(Words counter, uint32_t key0, uint32_t key1) {
  constexpr uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{kMultiplier0} * counter.w[0];
    const uint64_t b = uint64_t{kMultiplier1} * counter.w[2];
    counter = {{static_cast<uint32_t>(b >> 32) ^ counter.w[1] ^ key0, static_cast<uint32_t>(b),
                static_cast<uint32_t>(a >> 32) ^ counter.w[3] ^ key1, static_cast<uint32_t>(a)}};
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return counter;
}

/// Entries 4 block … 4 block + 3.
NNRUN_HD inline void drop_block(const NnrunDropout& job, int64_t block) {
  const auto index = static_cast<uint64_t>(block);
  const Words words =
      philox_words({{static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32), job.step,
                     static_cast<uint32_t>(*job.epoch)}},
                   job.key[0], job.key[1]);
  for (int i = 0; i < 4; ++i) {
    const int64_t entry = 4 * block + i;
    if (entry >= job.count) return;
    job.out[entry] = job.in[entry] * ((words.w[i] >> 8) >= job.threshold ? job.kept : 0.0F);
  }
}

}  // namespace nnrun
