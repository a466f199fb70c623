#pragma once

#include "model/kernels/cuda/host_device.h"
#include "model/kernels/cuda/token_sums.h"

namespace nnrun {

/// A chunk of the occurrences, [begin, end).
struct TokenChunk {
  int64_t begin, end;
  bool begins_before;  ///< its first id occurs in the chunk before, too
  bool goes_on;        ///< its last id occurs in the next one, too
};

NNRUN_HD inline int64_t token_chunks(int64_t count) {
  return (count + kNnrunTokenChunk - 1) / kNnrunTokenChunk;
}

NNRUN_HD inline TokenChunk chunk_of(const NnrunOccurrences& o, int64_t chunk) {
  const int64_t begin = chunk * kNnrunTokenChunk;
  const int64_t whole = begin + kNnrunTokenChunk, end = whole < o.count ? whole : o.count;
  return {begin, end, begin > 0 && o.ids[begin - 1] == o.ids[begin],
          end < o.count && o.ids[end] == o.ids[end - 1]};
}

NNRUN_HD inline float* partial_of(const NnrunOccurrences& o, int64_t chunk, int side,
                                  int64_t width) {
  return o.partials + (2 * chunk + side) * width;
}

/// Column `column` of one chunk. `rows.at(position, column)` gives a row's number, `rows.sum_at(id,
/// column)` the place of a sum; all numbers are on their way before the first is needed.
template <class Rows>
NNRUN_HD void sum_chunk(const NnrunOccurrences& o, const Rows& rows, int64_t chunk, int64_t column,
                        float* sums) {
  const TokenChunk c = chunk_of(o, chunk);
  if (o.ids[c.begin] == kNnrunNoToken) return;
  float value[kNnrunTokenChunk];
  NNRUN_UNROLL
  for (int k = 0; k < kNnrunTokenChunk; ++k) {
    value[k] = c.begin + k < c.end ? rows.at(o.positions[c.begin + k], column) : 0;
  }
  bool from_before = c.begins_before;
  float sum = 0;
  NNRUN_UNROLL
  for (int k = 0; k < kNnrunTokenChunk; ++k) {
    const int64_t i = c.begin + k;
    if (i >= c.end || o.ids[i] == kNnrunNoToken) return;
    const int32_t id = o.ids[i];
    sum += value[k];
    if (i + 1 < c.end && o.ids[i + 1] == id) continue;
    const bool to_next = i + 1 == c.end && c.goes_on;
    if (from_before) {
      partial_of(o, chunk, 0, rows.width())[column] = sum;
    } else if (to_next) {
      partial_of(o, chunk, 1, rows.width())[column] = sum;
    } else {
      sums[rows.sum_at(id, column)] = sum;
    }
    sum = 0;
    from_before = false;
  }
}

/// Chunk of the last occurrence of `id`, which stands at `from`.
NNRUN_HD inline int64_t last_chunk_of(const NnrunOccurrences& o, int32_t id, int64_t from) {
  int64_t last = from, behind = o.count;
  while (last + 1 < behind) {
    const int64_t middle = last + (behind - last) / 2;
    (o.ids[middle] == id ? last : behind) = middle;
  }
  return last / kNnrunTokenChunk;
}

/// Puts together the sum of the id that begins in this chunk and goes on behind it, if one does.
template <class Rows>
NNRUN_HD void join_chunks(const NnrunOccurrences& o, const Rows& rows, int64_t chunk,
                          int64_t column, float* sums) {
  const TokenChunk first = chunk_of(o, chunk);
  const int32_t id = o.ids[first.end - 1];
  const bool begins_here = !(first.begins_before && o.ids[first.begin] == id);
  if (!first.goes_on || !begins_here || id == kNnrunNoToken) return;
  const int64_t last = last_chunk_of(o, id, first.end);
  float sum = partial_of(o, chunk, 1, rows.width())[column];
  NNRUN_UNROLL_8
  for (int64_t next = chunk + 1; next <= last; ++next) {
    sum += partial_of(o, next, 0, rows.width())[column];
  }
  sums[rows.sum_at(id, column)] = sum;
}

/// Rows that lie in memory.
struct StoredRows {
  const NnrunTokenSums& job;
  NNRUN_HD int64_t width() const { return job.width; }
  NNRUN_HD float at(int64_t position, int64_t column) const {
    return job.rows[position * job.width + column];
  }
  NNRUN_HD int64_t sum_at(int64_t id, int64_t column) const {
    return id * job.id_stride + column * job.column_stride;
  }
};

// ---- bags
// ----------------------------------------------------------------------------------------

/// Tokens of bag n.
NNRUN_HD inline int64_t bag_size(const NnrunBags& bags, int64_t n) {
  const int32_t* const ids = bags.ids + n * bags.longest;
  int64_t size = 0;
  while (size < bags.longest && ids[size] != kNnrunNoToken) ++size;
  return size;
}

/// Unit `unit` of bag n's mean; zero for a bag without tokens.
NNRUN_HD inline float bag_mean(const NnrunBags& bags, int64_t n, int64_t unit) {
  const int32_t* const ids = bags.ids + n * bags.longest;
  const int64_t size = bag_size(bags, n);
  float sum = 0;
  NNRUN_UNROLL_8
  for (int64_t i = 0; i < size; ++i) sum += bags.table[ids[i] * bags.units + unit];
  if (unit == 0) bags.sizes[n] = static_cast<float>(size);
  return size == 0 ? 0 : sum / static_cast<float>(size);
}

/// What each token adds to its id's row: its bag's gradient, divided among the bag's tokens.
struct BagRows {
  const NnrunBagSums& job;
  NNRUN_HD int64_t width() const { return job.bags.units; }
  NNRUN_HD float at(int64_t position, int64_t column) const {
    const int64_t n = position / job.bags.longest;
    return job.output_gradient[n * job.bags.units + column] / job.bags.sizes[n];
  }
  NNRUN_HD int64_t sum_at(int64_t id, int64_t column) const { return id * width() + column; }
};

// ---- convolution
// ---------------------------------------------------------------------------------

/// y[n, f, p].
NNRUN_HD inline float token_conv_entry(const NnrunTokenConv& job, int64_t n, int64_t f, int64_t p) {
  float sum = job.bias[f];
  for (int64_t k = 0; k < job.kernel; ++k) {
    const int64_t l = p * job.stride + k - job.pad_before;
    if (l < 0 || l >= job.length) continue;
    const int64_t id = job.ids[n * job.length + l];
    sum += job.weight[(f * job.vocabulary + id) * job.kernel + k];
  }
  return sum;
}

/// What each position adds to its id's [filters, kernel] columns: the output gradient where that
/// position met tap k.
struct ConvRows {
  const NnrunTokenConvSums& job;
  NNRUN_HD int64_t width() const { return job.conv.kernel * job.conv.filters; }
  NNRUN_HD float at(int64_t position, int64_t column) const {
    const NnrunTokenConv& c = job.conv;
    const int64_t n = position / c.length, l = position % c.length;
    const int64_t f = column / c.kernel, k = column % c.kernel;
    const int64_t from = l + c.pad_before - k, p = from / c.stride;
    if (from < 0 || from % c.stride != 0 || p >= c.outputs) return 0;
    return job.output_gradient[(n * c.filters + f) * c.outputs + p];
  }
  NNRUN_HD int64_t sum_at(int64_t id, int64_t column) const {
    const NnrunTokenConv& c = job.conv;
    const int64_t f = column / c.kernel, k = column % c.kernel;
    return (f * c.vocabulary + id) * c.kernel + k;
  }
};

}  // namespace nnrun
