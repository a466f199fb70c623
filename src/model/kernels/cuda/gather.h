#pragma once

#include <cstdint>

/// A batch of examples that lie in device memory as they are stored, in one launch: pixels become
/// float32, ids stay as they are, labels and lengths go along.
extern "C" {

enum { kNnrunGatherThreads = 256, kNnrunGatherEntries = 4 };  // entries: of one thread

struct NnrunGather {
  const int64_t* order;  ///< [count] rows; null: first, first + 1, …
  int64_t first, count;
  int64_t entries;  ///< of one example

  const uint8_t* pixels;  ///< [rows, entries], or null
  int64_t plane;          ///< entries of one channel
  const float *mean,
      *std;       ///< [channels]: (pixel / 255 - mean) / std; null: pixel / 255
  float* images;  ///< [count, entries]

  const int32_t* ids;  ///< [rows, entries] where there are no pixels
  int32_t* texts;      ///< [count, entries]

  const int64_t *labels, *lengths;        ///< [rows]; each may be null
  int64_t *batch_labels, *batch_lengths;  ///< [count]
};

const char* nnrun_cuda_gather(const NnrunGather* job, void* stream);

}  // extern "C"
