#pragma once

#include <cstdint>

/// out[i] = in[i] times the dropout mask's entry i: 0 where uniform(i) < rate, else 1 / (1 - rate);
/// `uniform` is RandomStream's (nnrun/random.h), so the mask is the CPU's. Applied to a gradient it
/// is the backward pass. `in` and `out` may be the same.
extern "C" {

struct NnrunDropout {
  const float* in;
  float* out;
  int64_t count;
  uint32_t key[2];  ///< RandomStream::key()
  uint32_t step;
  const int32_t* epoch;  ///< in device memory: a recorded launch is replayed in every epoch
  uint32_t threshold;    ///< ceil(rate 2^24): kept when a word's upper 24 bits reach it
  float kept;            ///< 1 / (1 - rate)
};

const char* nnrun_cuda_dropout(const NnrunDropout* job, void* stream);

}  // extern "C"
