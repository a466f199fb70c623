#pragma once

#include <cstdint>

/// The occurrence lists of a pass's batches in one launch, a block per batch: a batch's tokens
/// sorted by id, those of an id in the order of their places. (LibTorch's sort takes some nine
/// launches a batch.)
extern "C" {

struct NnrunTokenSort {
  const int32_t* ids;    ///< [rows, length]; kNnrunNoToken goes behind all ids
  const int64_t* order;  ///< [examples] rows; null: 0, 1, …
  int64_t examples, length;
  int64_t batch;          ///< examples; the last batch may have fewer
  int32_t largest;        ///< id that there is
  int32_t* sorted;        ///< [examples, length] ids, batch by batch
  int32_t* places;        ///< likewise: where each stands in its batch
  int32_t* spare_sorted;  ///< working space, as large; null where nnrun_cuda_sort_spares says 0
  int32_t* spare_places;
};

/// Whether ids up to `largest` need working space.
int32_t nnrun_cuda_sort_spares(int32_t largest);

const char* nnrun_cuda_token_sort(const NnrunTokenSort* job, void* stream);

}  // extern "C"
